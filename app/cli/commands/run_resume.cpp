// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "base/file.h"
#include "cli/run_events.h"
#include "cli/run_text.h"
#include "pipeline/ranks.h"

namespace attune::cli {
namespace {

/// A paused run of another process is woken; any other goes on here.
Status resume(Session& session, const std::string& run)
{
    ATTUNE_TRY(const auto ranks, pipeline::ranksFromEnvironment());
    const pipeline::RunResume request {absolutePath(session.workspacePath), run, false};
    if (!ranks.isFirst()) {
        RunPrinter nobody(session);
        return helperStatus(pipeline::resumeRun(request, nobody, session.context()));
    }
    ATTUNE_TRY(auto* store, session.store());
    ATTUNE_TRY(const bool isWoken, pipeline::wakeRun(*store, run, session.context()));
    if (isWoken) {
        ATTUNE_TRY(const auto row, store->run(run));
        session.print(row.toJson(), runText(row));
        return {};
    }
    RunPrinter printer(session);
    return finishRun(session, printer, pipeline::resumeRun(request, printer, session.context()));
}

}

const Command& run_resume()
{
    static const Command command {"run resume", "Go on with a run from its newest checkpoint", [](CLI::App& app) -> Action {
        auto run = std::make_shared<std::string>();
        app.add_option("RUN", *run, "The run's id, or a name that only one run has")->required();
        return [run](Session& session) -> Status { return resume(session, *run); };
    }};
    return command;
}

}
