// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/rule.h"
#include "cleaner/condition.h"

namespace attune::cleaner {
namespace {

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ATTUNE_TRY(const std::size_t column, columnOption(options, columns));
    ATTUNE_TRY(auto condition, makeCondition(options.at("op").get<std::string>(), options.at("value")));
    return makeRowTest([column, condition](const Row& row) { return condition(row[column]); });
}

}

const Rule& filter()
{
    static const Rule rule {"filter", "Filter",
        "Keeps the rows whose value satisfies a condition.",
        OptionSchema({columnOptionRow(), {.key = "op", .type = OptionType::Choice, .defaultValue = "==", .label = "Condition", .help = "How the value is compared.", .choices = conditionChoices()},
            {.key = "value", .type = OptionType::Text, .defaultValue = "", .label = "Value", .help = "What it is compared with; a list for \"in\".", .choices = {{"", "", "Any text or number"}}, .isNullable = true}}), prepare};
    return rule;
}

}
