// SPDX-License-Identifier: GPL-3.0-or-later
#include "importer/roles.h"

#include "base/edit_distance.h"

#include <array>

namespace attune::importer {
namespace {

struct RoleName {
    ColumnRole role;
    std::string_view name;
};
constexpr std::array<RoleName, 11> kRoles {{{ColumnRole::Ignore, "ignore"}, {ColumnRole::System, "system"}, {ColumnRole::Prompt, "prompt"},
    {ColumnRole::Input, "input"}, {ColumnRole::Completion, "completion"}, {ColumnRole::Text, "text"}, {ColumnRole::Label, "label"},
    {ColumnRole::Messages, "messages"}, {ColumnRole::Chosen, "chosen"}, {ColumnRole::Rejected, "rejected"}, {ColumnRole::Tools, "tools"}}};

}

std::string_view roleName(ColumnRole role)
{
    for (const auto& entry : kRoles)
        if (entry.role == role)
            return entry.name;
    return "ignore";
}

bool roleFromName(std::string_view name, ColumnRole& role)
{
    for (const auto& entry : kRoles)
        if (entry.name == name) {
            role = entry.role;
            return true;
        }
    return false;
}

Status applyRoles(std::vector<Column>& columns, const std::map<std::string, std::string>& roles)
{
    std::vector<std::string> roleNames, columnNames;
    for (const auto& entry : kRoles)
        roleNames.emplace_back(entry.name);
    for (auto& column : columns) {
        column.role = ColumnRole::Ignore;
        columnNames.push_back(column.name);
    }
    for (const auto& [name, columnName] : roles) {
        ColumnRole role = ColumnRole::Ignore;
        if (!roleFromName(name, role))
            return fail(ErrorCode::Usage, fmt::format("\"{}\" is no role.", name), fmt::format("Roles are {}.", fmt::join(roleNames, ", ")));
        const auto it = std::find_if(columns.begin(), columns.end(), [&wanted = columnName](const Column& c) { return c.name == wanted; });
        if (it == columns.end()) {
            const std::string near = nearest(columnName, columnNames);
            return fail(ErrorCode::Usage, fmt::format("There is no column \"{}\".", columnName),
                near.empty() ? fmt::format("Columns are {}.", fmt::join(columnNames, ", ")) : fmt::format("Did you mean \"{}\"?", near));
        }
        it->role = role;
    }
    return {};
}

Json mappingJson(const std::vector<Column>& columns)
{
    Json mapping = Json::object();
    for (const auto& column : columns)
        if (column.role != ColumnRole::Ignore)
            mapping[std::string(roleName(column.role))] = column.name;
    return mapping;
}

int columnOf(const std::vector<Column>& columns, ColumnRole role)
{
    for (std::size_t c = 0; c < columns.size(); ++c)
        if (columns[c].role == role)
            return static_cast<int>(c);
    return -1;
}

}
