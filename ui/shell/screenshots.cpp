// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/command_palette.h"
#include "shell/main_menu.h"
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

/// Pages that need an object: a run's tabs, runs of other states, a comparison, a dataset's rows, the palette.
void MainWindow::shootObjects(const QString& folder, const QString& suffix)
{
    auto store = store::Store::open(m_workspace.stdPath());
    if (!store)
        return;
    const auto save = [&](const QString& name) { grab().save(QStringLiteral("%1/%2-%3.png").arg(folder, name, suffix)); };
    const auto shoot = [&](PageId page, const QString& object, const QString& name, int milliseconds = 900) {
        open(page, object);
        settle(milliseconds);
        save(name);
    };
    const auto runs = (*store)->runs();
    if (runs && !runs->empty()) {
        const QString newest = bridge::toQString(runs->front().id);
        shoot(PageId::Runs, newest, QStringLiteral("run"), 1500);
        for (const char* tab : {"samples", "config", "data", "system", "log", "files", "notes"})
            shoot(PageId::Runs, newest + QLatin1Char('#') + QLatin1String(tab), QStringLiteral("run-") + QLatin1String(tab));
        QStringList seen;
        for (const auto& run : *runs) {
            const QString status = bridge::toQString(store::statusName(run.status));
            if (!seen.contains(status))
                shoot(PageId::Runs, bridge::toQString(run.id) + QStringLiteral("#charts"), QStringLiteral("run-") + status);
            seen.append(status);
        }
        if (runs->size() >= 3)
            shoot(PageId::Runs, bridge::toQString((*runs)[0].id + "," + (*runs)[2].id + "," + (*runs)[3 % runs->size()].id), QStringLiteral("compare"), 1500);
        open(PageId::Runs, QStringLiteral("list:"));
    }
    m_menu->update();
    m_palette->open();
    settle(300);
    save(QStringLiteral("palette"));
    m_palette->hide();
    if (const auto data = (*store)->datasets(); data && !data->empty())
        shoot(PageId::Datasets, bridge::toQString(data->back().name), QStringLiteral("rows"));
}

}
