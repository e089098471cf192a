// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "base/file.h"
#include "pipeline/doctor.h"

namespace attune::cli {

const Command& doctor()
{
    static const Command command {"doctor", "Look at what training needs and say what to mend", [](CLI::App&) -> Action {
        return [](Session& session) -> Status {
            Json checks = Json::array();
            std::vector<std::vector<std::string>> rows;
            std::string fixes;
            for (const auto& check : pipeline::checkHealth(absolutePath(session.workspacePath))) {
                checks.push_back(check.toJson());
                rows.push_back({checks.back()["status"], check.name, check.detail});
                if (!check.fix.empty())
                    fixes += fmt::format("{}: {}\n", check.name, check.fix);
            }
            session.print(Json {{"checks", checks}}, table({"", "check", "found"}, rows) + (fixes.empty() ? "" : "\n" + fixes));
            return {};
        };
    }};
    return command;
}

}
