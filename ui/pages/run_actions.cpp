// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/run_actions.h"

#include "pipeline/run_job.h"

#include <QMessageBox>
#include <QWidget>

#include <algorithm>

namespace attune::pages {

using bridge::toQString;

namespace {

/// One window trains one run at a time; the next one waits, and that is said.
void sayWhetherItWaits(shell::Context& context, int job, const QString& title)
{
    if (context.jobs.waiting() == 0)
        return;
    context.navigator.toast(QObject::tr("%1 waits until %2 is done.").arg(title, context.jobs.trainingRun()), [&context, job] { context.jobs.cancel(job); });
}

void report(shell::Context& context, const Status& status, QObject* receiver)
{
    context.workspace.announceChange();
    if (status || status.error().kind() == ErrorKind::Cancelled)
        return;
    QMessageBox box(QMessageBox::Warning, QObject::tr("The run could not go on"), toQString(status.error().message), QMessageBox::Ok, qobject_cast<QWidget*>(receiver));
    box.setInformativeText(toQString(status.error().hint));
    if (!status.error().where.empty())
        box.setDetailedText(toQString(status.error().codeName() + " " + status.error().where));
    box.exec();
}

/// Opens the run's page once the run has an id; a run that waits for its turn does not take one away from what one does then.
void openWhenStarted(shell::Context& context, QObject* receiver)
{
    auto* page = new QObject(receiver);
    QObject::connect(&context.jobs, &bridge::JobController::events, page, [&context, page](const std::vector<pipeline::Event>& events) {
        for (const auto& event : events) {
            const auto* started = std::get_if<pipeline::RunStarted>(&event);
            if (!started)
                continue;
            context.navigator.open(shell::PageId::Runs, toQString(started->run));
            page->deleteLater();
        }
    });
}

void launch(shell::Context& context, const QString& title, bridge::JobController::Training work, QObject* receiver)
{
    if (!context.jobs.isTraining())
        openWhenStarted(context, receiver);
    const int job = context.jobs.startTraining(title, std::move(work), receiver, [&context, receiver](const Status& status) { report(context, status, receiver); });
    if (context.jobs.waiting() == 0)
        context.navigator.toast(QObject::tr("%1 is being prepared; its page opens as soon as it has begun.").arg(title));
    sayWhetherItWaits(context, job, title);
}

}

void startRunHere(shell::Context& context, const pipeline::Recipe& recipe, QObject* receiver)
{
    pipeline::RunStart start {context.workspace.stdPath(), recipe, false, true};
    launch(context, toQString(recipe.name()),
        [start](pipeline::EventSink& sink, const JobContext& job) -> Status {
            auto result = pipeline::startRun(start, sink, job);
            return result ? Status() : Status(result.error());
        },
        receiver);
}

void resumeRunHere(shell::Context& context, const QString& run, QObject* receiver)
{
    pipeline::RunResume resume {context.workspace.stdPath(), bridge::toStd(run), true};
    launch(context, run,
        [resume](pipeline::EventSink& sink, const JobContext& job) -> Status {
            auto result = pipeline::resumeRun(resume, sink, job);
            return result ? Status() : Status(result.error());
        },
        receiver);
}

bool needsAttention(const store::RunRow& run, const std::vector<store::RunRow>& runs)
{
    if (run.isArchived || (run.status != store::RunStatus::Failed && run.status != store::RunStatus::Interrupted))
        return false;
    const auto newest = std::find_if(runs.begin(), runs.end(), [&run](const auto& other) { return other.name == run.name; });
    return newest == runs.end() || newest->id == run.id;
}

}
