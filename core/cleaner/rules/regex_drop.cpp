// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/rule.h"
#include "cleaner/regex.h"

namespace attune::cleaner {
namespace {

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ATTUNE_TRY(const std::size_t column, columnOption(options, columns));
    ATTUNE_TRY(const Regex regex, Regex::compile(options.at("pattern").get<std::string>()));
    return makeRowTest([regex, column](const Row& row) { return !regex.isFoundIn(CellText(row[column])); });
}

}

const Rule& regex_drop()
{
    static const Rule rule {"regex_drop", "Drop by pattern",
        "Drops rows in whose text a regular expression is found anywhere.",
        OptionSchema({columnOptionRow(),
            {.key = "pattern", .type = OptionType::Text, .defaultValue = "", .label = "Pattern", .help = "A Perl-compatible regular expression."}}), prepare};
    return rule;
}

}
