// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/data_arguments.h"

#include <fmt/format.h>

namespace attune::cli {

Status readRoleMap(const std::vector<std::string>& entries, std::map<std::string, std::string>& roles)
{
    for (const auto& entry : entries) {
        const auto equals = entry.find('=');
        if (equals == std::string::npos)
            return fail(ErrorCode::Usage, fmt::format("\"{}\" is no mapping.", entry), "Write --map role=column, for example prompt=question,completion=answer.");
        roles[entry.substr(0, equals)] = entry.substr(equals + 1);
    }
    return {};
}

}
