// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "cli/run_text.h"
#include "pipeline/run_job.h"

namespace attune::cli {

const Command& run_stop()
{
    static const Command command {"run stop", "Stop a run after its micro-batch, with a checkpoint", [](CLI::App& app) -> Action {
        auto run = std::make_shared<std::string>();
        app.add_option("RUN", *run, "The run's id, or a name that only one run has")->required();
        return [run](Session& session) -> Status {
            ATTUNE_TRY(auto* store, session.store());
            ATTUNE_TRY(const auto row, pipeline::stopRun(*store, *run, session.context()));
            session.print(row.toJson(), runText(row));
            return {};
        };
    }};
    return command;
}

}
