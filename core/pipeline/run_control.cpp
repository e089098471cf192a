// SPDX-License-Identifier: GPL-3.0-or-later
// Steering a run of another process; see run_job.h.
#include "pipeline/run_job.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

namespace attune::pipeline {
namespace {

constexpr auto kPollInterval = std::chrono::milliseconds(50);

bool isOver(store::RunStatus status)
{
    return status == store::RunStatus::Completed || status == store::RunStatus::Failed || status == store::RunStatus::Stopped;
}

Error notRunning(const store::RunRow& row)
{
    return fail(ErrorCode::RunState, fmt::format("{} is {}: nobody is training it.", row.id, store::statusName(row.status)),
        row.status == store::RunStatus::Completed ? "" : fmt::format("attune run resume {} goes on with it.", row.id));
}

/// Reads the row until the condition holds; the condition sees the row and whether someone owns the run.
template<typename Condition>
Result<store::RunRow> waitFor(store::Store& store, const std::string& id, const JobContext& context, Condition condition)
{
    while (true) {
        const bool isOwned = [&] {
            const auto row = store.run(id);
            return row && store::RunLock::isHeld(row->folder);
        }();
        ATTUNE_TRY(const auto row, store.run(id));
        if (condition(row, isOwned))
            return row;
        if (context.isCancelled())
            return fail(ErrorCode::Cancelled, fmt::format("{} was told, but has not answered yet.", id), "It will after its current micro-batch.");
        std::this_thread::sleep_for(kPollInterval);
    }
}

}

Result<store::RunRow> stopRun(store::Store& store, const std::string& run, const JobContext& context)
{
    ATTUNE_TRY(auto row, store.run(run));
    if (!store::RunLock::isHeld(row.folder)) {
        if (isOver(row.status))
            return notRunning(row);
        row.status = store::RunStatus::Stopped;
        ATTUNE_RETURN_IF_ERROR(store.updateRun(row));
        return row;
    }
    ATTUNE_RETURN_IF_ERROR(store.postCommand(row.id, store::RunCommand::Stop));
    return waitFor(store, row.id, context, [](const store::RunRow&, bool isOwned) { return !isOwned; });
}

Result<store::RunRow> pauseRun(store::Store& store, const std::string& run, const JobContext& context)
{
    ATTUNE_TRY(const auto row, store.run(run));
    if (!store::RunLock::isHeld(row.folder))
        return notRunning(row);
    ATTUNE_RETURN_IF_ERROR(store.postCommand(row.id, store::RunCommand::Pause));
    return waitFor(store, row.id, context, [](const store::RunRow& now, bool isOwned) { return !isOwned || now.status == store::RunStatus::Paused; });
}

Result<bool> wakeRun(store::Store& store, const std::string& run, const JobContext& context)
{
    ATTUNE_TRY(const auto row, store.run(run));
    if (!store::RunLock::isHeld(row.folder))
        return false;
    if (row.status != store::RunStatus::Paused)
        return fail(ErrorCode::Locked, fmt::format("{} is being trained by another process.", row.id), "Watch it with attune run show, or stop it with attune run stop.");
    ATTUNE_RETURN_IF_ERROR(store.postCommand(row.id, store::RunCommand::Resume));
    ATTUNE_TRY(const auto woken, waitFor(store, row.id, context, [](const store::RunRow& now, bool isOwned) {
        return !isOwned || now.status != store::RunStatus::Paused;
    }));
    return woken.status != store::RunStatus::Paused;
}

}
