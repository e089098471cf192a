// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/refusals.h"
#include "cleaner/rule.h"

#include "importer/roles.h"

namespace attune::cleaner {
namespace {

/// The named column, else the one with the answers.
Result<std::size_t> answers(const Json& options, const std::vector<Column>& columns)
{
    using importer::ColumnRole;
    if (options.at("column") == "")
        for (const auto role : {ColumnRole::Completion, ColumnRole::Messages, ColumnRole::Chosen, ColumnRole::Text})
            if (const int column = importer::columnOf(columns, role); column >= 0)
                return static_cast<std::size_t>(column);
    return columnOption(options, columns);
}

bool hasRefusal(const Cell& cell)
{
    const bool mayBeList = cell.kind == Cell::Kind::List || (cell.isText() && cell.text.starts_with("[{"));
    if (!mayBeList)
        return isRefusal(importer::plainText(cell));
    const auto messages = importer::toMessages(parseJson(cell.text, 1024).value_or(Json()));
    if (messages.empty())
        return isRefusal(importer::plainText(cell));
    return std::any_of(messages.begin(), messages.end(), [](const auto& m) { return m.role == "assistant" && isRefusal(m.content); });
}

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ATTUNE_TRY(const std::size_t column, answers(options, columns));
    return makeRowTest([column](const Row& row) { return !hasRefusal(row[column]); });
}

}

const Rule& drop_refusals()
{
    static const Rule rule {"drop_refusals", "Drop refusals",
        "Drops rows whose answer declines the task (\"I'm sorry, but I can't …\", \"As an AI language model …\").",
        OptionSchema({columnOptionRow()}), prepare};
    return rule;
}

}
