// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "cli/run_text.h"

namespace attune::cli {

const Command& run_list()
{
    static const Command command {"run list", "List the runs of this workspace, newest first", [](CLI::App&) -> Action {
        return [](Session& session) -> Status {
            ATTUNE_TRY(auto* store, session.store());
            ATTUNE_TRY(const auto runs, store->runs());
            Json array = Json::array();
            for (const auto& run : runs)
                array.push_back(run.toJson());
            session.print(array, runs.empty() ? "No runs yet: `attune run start RECIPE` makes one." : runTable(runs));
            return {};
        };
    }};
    return command;
}

}
