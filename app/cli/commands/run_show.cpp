// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "cli/run_text.h"

namespace attune::cli {

const Command& run_show()
{
    static const Command command {"run show", "Show one run", [](CLI::App& app) -> Action {
        auto id = std::make_shared<std::string>();
        app.add_option("RUN", *id, "The run's id, or a name that only one run has")->required();
        return [id](Session& session) -> Status {
            ATTUNE_TRY(auto* store, session.store());
            ATTUNE_TRY(const auto run, store->run(*id));
            session.print(run.toJson(), runText(run));
            return {};
        };
    }};
    return command;
}

}
