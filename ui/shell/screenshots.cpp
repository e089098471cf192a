// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/dataset_view.h"
#include "pages/dataset/rows_tab.h"
#include "pages/dataset/step_dialog.h"
#include "pages/dataset/tabs.h"
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
            if (!data || !rules.suits(**data))
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
    if (const auto datasets = (*store)->datasets(); datasets && !datasets->empty()) {
        shoot(PageId::Datasets, bridge::toQString(datasets->back().name), QStringLiteral("rows"));
        shootDataset(folder, suffix);
    }
}

/// The tabs of the dataset that is open, its rows with a filter, the chosen row as tokens and as source, the step dialog.
void MainWindow::shootDataset(const QString& folder, const QString& suffix)
{
    auto* view = page(PageId::Datasets)->findChild<pages::DatasetView*>();
    auto* rows = view ? view->findChild<pages::RowsTab*>() : nullptr;
    if (!rows)
        return;
    const auto shoot = [&](QWidget* widget, const QString& name) {
        settle(1200);
        widget->grab().save(QStringLiteral("%1/%2-%3.png").arg(folder, name, suffix));
    };
    for (const auto& info : pages::tabTable())
        if (qstrcmp(info.id, "rows") != 0) {
            view->showTab(QLatin1String(info.id));
            shoot(this, QStringLiteral("dataset-") + QLatin1String(info.id));
        }
    view->showTab(QStringLiteral("rows"));
    pages::ShownTerm searched;
    searched.term.kind = pipeline::RowTerm::Kind::Text;
    searched.term.text = "invoice";
    searched.title = QStringLiteral("text contains “invoice”");
    rows->filter().addTerm(searched);
    shoot(this, QStringLiteral("rows-filtered"));
    rows->pane().setView(1);
    shoot(this, QStringLiteral("rows-trained"));
    rows->pane().setView(2);
    shoot(this, QStringLiteral("rows-source"));
    rows->pane().setView(0);
    rows->pane().edit();
    rows->grid().setTwoLines(true);
    shoot(this, QStringLiteral("rows-edited"));
    rows->grid().setTwoLines(false);
    rows->openStepDialog(-1);
    if (auto* dialog = findChild<pages::StepDialog*>()) {
        dialog->rules()->setCurrentRow(2);
        shoot(dialog, QStringLiteral("step-dialog"));
        dialog->close();
    }
}

}
