// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/rule.h"

#include "importer/roles.h"

namespace attune::cleaner {
namespace {

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    std::map<std::string, std::string> roles;
    for (const auto& [role, column] : options.at("map").items()) {
        if (!column.is_string())
            return fail(ErrorCode::FileCorrupt, fmt::format("The role \"{}\" names no column.", role), "Write map: {prompt: question, completion: answer}.");
        roles[role] = column.get<std::string>();
    }
    if (auto status = importer::applyRoles(columns, roles); !status) {
        Error error = status.error();
        error.code = ErrorCode::FileCorrupt;
        return error;
    }
    return std::make_unique<PreparedStep>();
}

}

const Rule& set_roles()
{
    static const Rule rule {"set_roles", "Set the columns' roles",
        "Says what each column is for; columns that are not named are left out of training.",
        OptionSchema({{.key = "map", .type = OptionType::Map, .defaultValue = Json::object(), .label = "Roles", .help = "Role and column: prompt: question, completion: answer."}}), prepare};
    return rule;
}

}
