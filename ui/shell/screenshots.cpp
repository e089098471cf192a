// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/main_window.h"

#include "methods/method.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/objective.h"

#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QPixmap>
#include <QThreadPool>

namespace attune::shell {
namespace {

constexpr int kFormHeight = 1500;

/// Lets workers answer and pages lay themselves out; for pictures only, so spinning the loop is right here.
void settle(int milliseconds)
{
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < milliseconds) {
        QApplication::processEvents(QEventLoop::AllEvents, 20);
        QThreadPool::globalInstance()->waitForDone(1);
    }
}

/// The form of every method, and of every objective with a dataset that it can be taught with, high enough to see all of it.
void shootForms(MainWindow& window, const std::string& workspace, const QString& folder, const QString& suffix)
{
    auto store = store::Store::open(workspace);
    const auto datasets = store ? (*store)->datasets() : Result<std::vector<store::DatasetRow>>(std::vector<store::DatasetRow> {});
    if (!datasets || datasets->empty())
        return;
    const QSize before = window.size();
    window.resize(before.width(), kFormHeight);
    const auto shoot = [&](const std::string& key, const std::string& value) {
        window.open(PageId::Train, bridge::toQString("set:" + key + "=" + value));
        settle(2500);
        window.grab().save(QStringLiteral("%1/form-%2-%3.png").arg(folder, bridge::toQString(value), suffix));
    };
    for (const auto* method : methods::all())
        shoot("method.type", method->id);
    window.open(PageId::Train, QStringLiteral("set:method.type=lora"));
    for (const auto& rules : pipeline::objectiveRules())
        for (auto row = datasets->rbegin(); row != datasets->rend(); ++row) {
            const auto data = pipeline::openVersion(*row, {});
            if (!data || !rules.fits(**data))
                continue;
            window.open(PageId::Train, bridge::toQString("data:" + row->name));
            shoot("objective.type", rules.id);
            break;
        }
    window.resize(before);
}

}

void MainWindow::screenshotPages(const QString& folder, const QString& suffix)
{
    QDir().mkpath(folder);
    settle(300);
    for (int i = 0; i < kPageCount; ++i) {
        open(pageTable()[i].id);
        settle(pageTable()[i].id == PageId::Train ? 2500 : 700);
        grab().save(QStringLiteral("%1/%2-%3.png").arg(folder, QLatin1String(pageTable()[i].icon), suffix));
    }
    shootObjects(folder, suffix);
    shootForms(*this, m_workspace.stdPath(), folder, suffix);
    m_isFinishing = true;
}

/// Pages that need an object: a run, a comparison, a dataset's rows.
void MainWindow::shootObjects(const QString& folder, const QString& suffix)
{
    auto store = store::Store::open(m_workspace.stdPath());
    if (!store)
        return;
    const auto shoot = [&](PageId page, const QString& object, const char* name) {
        open(page, object);
        settle(1500);
        grab().save(QStringLiteral("%1/%2-%3.png").arg(folder, QLatin1String(name), suffix));
    };
    if (const auto runs = (*store)->runs(); runs && !runs->empty()) {
        shoot(PageId::Runs, bridge::toQString(runs->front().id), "run");
        if (runs->size() >= 3)
            shoot(PageId::Runs, bridge::toQString((*runs)[0].id + "," + (*runs)[2].id + "," + (*runs)[3 % runs->size()].id), "compare");
    }
    if (const auto data = (*store)->datasets(); data && !data->empty())
        shoot(PageId::Datasets, bridge::toQString(data->back().name), "rows");
}

}
