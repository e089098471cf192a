// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

namespace attune::cli {

const Command& run_rm()
{
    static const Command command {"run rm", "Remove a run; its folder goes to the workspace's .trash", [](CLI::App& app) -> Action {
        auto id = std::make_shared<std::string>();
        app.add_option("RUN", *id, "The run's id, or a name that only one run has")->required();
        return [id](Session& session) -> Status {
            ATTUNE_TRY(auto* store, session.store());
            ATTUNE_TRY(const auto run, store->run(*id));
            ATTUNE_RETURN_IF_ERROR(store->removeRun(run.id));
            session.print(run.toJson(), fmt::format("Removed {}. Its folder is in {}/.trash.", run.id, store->workspace()));
            return {};
        };
    }};
    return command;
}

}
