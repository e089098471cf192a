// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/run/run_menu.h"

#include "base/file.h"
#include "pipeline/convert.h"

#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QFileDialog>
#include <QMenu>
#include <QMessageBox>
#include <QUrl>

namespace attune::pages {

using bridge::toQString;

namespace {

QString trainerName(const std::string& target)
{
    return target == "trl" ? QStringLiteral("TRL") : target == "llamafactory" ? QStringLiteral("LLaMA-Factory") : toQString(target);
}

}

void exportConfig(shell::Context& context, const store::RunRow& run, const std::string& target, QWidget* parent)
{
    const auto recipe = pipeline::Recipe::read(run.folder + "/recipe.yaml");
    const auto converted = recipe ? pipeline::convertRecipe(*recipe, target, {}) : Result<pipeline::ConvertedRecipe>(recipe.error());
    if (!converted) {
        context.navigator.toast(toQString(converted.error().message));
        return;
    }
    const QString path = QFileDialog::getSaveFileName(parent, QObject::tr("Export as a config for %1").arg(trainerName(target)), QStringLiteral("%1-%2.yaml").arg(toQString(run.id), toQString(target)));
    if (path.isEmpty())
        return;
    const auto status = writeFileAtomically(bridge::toStd(path), converted->yaml());
    context.navigator.toast(!status ? toQString(status.error().message)
            : converted->unmapped.empty() ? QObject::tr("%1 was written. Start it with: %2").arg(path, toQString(converted->command))
                                          : QObject::tr("%1 was written; %n setting(s) do not exist there, see its comments.", nullptr, static_cast<int>(converted->unmapped.size())).arg(path));
}

void archiveRuns(shell::Context& context, const std::vector<store::RunRow>& runs, bool isArchived)
{
    const auto set = [&context, runs](bool archived) {
        context.workspace.write([runs, archived](store::Store& store) -> Status {
            for (const auto& run : runs)
                ATTUNE_RETURN_IF_ERROR(store.annotateRun(run.id, run.notes, run.tags, archived));
            return {};
        });
    };
    set(isArchived);
    const int count = static_cast<int>(runs.size());
    context.navigator.toast(isArchived ? QObject::tr("%n run(s) archived.", nullptr, count) : QObject::tr("%n run(s) taken out of the archive.", nullptr, count), [set, isArchived] { set(!isArchived); });
}

void confirmRemoveRun(shell::Context& context, const store::RunRow& run, QWidget* parent)
{
    QMessageBox box(QMessageBox::Question, QObject::tr("Move to trash"), QObject::tr("Move %1 to the workspace's trash?").arg(toQString(run.id)), QMessageBox::NoButton, parent);
    box.setInformativeText(QObject::tr("Its folder with checkpoints goes to .trash in the workspace; its row leaves the history."));
    auto* yes = box.addButton(QObject::tr("Move to trash"), QMessageBox::DestructiveRole);
    box.setDefaultButton(box.addButton(QMessageBox::Cancel));
    box.exec();
    if (box.clickedButton() == yes) {
        context.workspace.write([id = run.id](store::Store& store) { return store.removeRun(id); });
        context.navigator.open(shell::PageId::Runs, QStringLiteral("list:"));
    }
}

void fillRunMenu(QMenu& menu, shell::Context& context, const store::RunRow& run, QWidget* parent)
{
    const QString id = toQString(run.id);
    const bool hasSteps = run.stepsDone > 0;
    const auto add = [&](const QString& text, bool isPossible, const QString& reason, const std::function<void()>& work) {
        auto* action = menu.addAction(text, parent, work);
        action->setEnabled(isPossible);
        if (!isPossible)
            action->setToolTip(reason);
    };
    menu.setToolTipsVisible(true);
    const QString noSteps = QObject::tr("No step has finished yet.");
    add(QObject::tr("Try out"), hasSteps, noSteps, [&context, id] { context.navigator.open(shell::PageId::TryOut, id); });
    add(QObject::tr("Export…"), hasSteps, noSteps, [&context, id] { context.navigator.open(shell::PageId::Export, id); });
    add(QObject::tr("New run from this…"), true, {}, [&context, run] { context.navigator.open(shell::PageId::Train, QStringLiteral("recipe:") + toQString(run.recipe)); });
    menu.addSeparator();
    if (RunData::isLive(run))
        add(QObject::tr("Evaluate now"), run.status == store::RunStatus::Running, QObject::tr("The run is paused."), [&context, run] {
            context.workspace.write([id = run.id](store::Store& store) { return store.postCommand(id, store::RunCommand::Evaluate); });
            context.navigator.toast(QObject::tr("The run is evaluated after this step."));
        });
    add(QObject::tr("Copy as command"), true, {}, [&context, run] {
        QApplication::clipboard()->setText(QStringLiteral("attune run start \"%1/recipe.yaml\"").arg(toQString(run.folder)));
        context.navigator.toast(QObject::tr("The command is on the clipboard."));
    });
    add(QObject::tr("Reveal in file manager"), true, {}, [run] { QDesktopServices::openUrl(QUrl::fromLocalFile(toQString(run.folder))); });
    auto* convert = menu.addMenu(QObject::tr("Export config for"));
    for (const auto& target : pipeline::conversionTargets())
        convert->addAction(trainerName(target), parent, [&context, run, target, parent] { exportConfig(context, run, target, parent); });
    menu.addSeparator();
    add(run.isArchived ? QObject::tr("Take out of the archive") : QObject::tr("Archive"), true, {}, [&context, run] { archiveRuns(context, {run}, !run.isArchived); });
    add(QObject::tr("Move to trash…"), !RunData::isLive(run), QObject::tr("Stop the run first."), [&context, run, parent] { confirmRemoveRun(context, run, parent); });
}

}
