// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "pipeline/versions.h"

namespace attune::cli {

const Command& version()
{
    static const Command command {"version", "Versions of Attune and of the libraries in it", [](CLI::App&) -> Action {
        return [](Session& session) -> Status {
            const Json json = pipeline::versions();
            std::string text;
            for (const auto& [key, value] : json.items())
                text += key + " " + (value.is_string() ? value.get<std::string>() : value.dump()) + "\n";
            session.print(json, text);
            return {};
        };
    }};
    return command;
}

}
