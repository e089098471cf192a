// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/rule.h"

namespace attune::cleaner {
namespace {

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    Json asColumn = options;
    asColumn["column"] = options.at("from");
    ATTUNE_TRY(const std::size_t column, columnOption(asColumn, columns));
    const auto to = options.at("to").get<std::string>();
    if (to.empty() || std::any_of(columns.begin(), columns.end(), [&](const Column& c) { return c.name == to; }))
        return fail(ErrorCode::FileCorrupt, fmt::format("\"{}\" cannot be the new name of a column.", to), "Give a name that no column has.");
    columns[column].name = to;
    return std::make_unique<PreparedStep>();
}

}

const Rule& rename()
{
    static const Rule rule {"rename", "Rename a column",
        "Gives a column another name.",
        OptionSchema({
            {.key = "from", .type = OptionType::Text, .defaultValue = "", .label = "Column", .help = "The column's name so far."},
            {.key = "to", .type = OptionType::Text, .defaultValue = "", .label = "New name", .help = "Its name from here on."}}), prepare};
    return rule;
}

}
