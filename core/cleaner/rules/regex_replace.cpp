// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/rule.h"
#include "cleaner/regex.h"

namespace attune::cleaner {
namespace {

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ATTUNE_TRY(const std::size_t column, columnOption(options, columns));
    ATTUNE_TRY(const Regex regex, Regex::compile(options.at("pattern").get<std::string>()));
    return makeTextEdit({column}, [regex, replacement = options.at("replacement").get<std::string>()](std::string_view text, std::string& out) {
        return regex.replace(text, replacement, out) && out != text;
    });
}

}

const Rule& regex_replace()
{
    static const Rule rule {"regex_replace", "Replace by pattern",
        "Replaces everything that a regular expression finds.",
        OptionSchema({columnOptionRow(),
            {.key = "pattern", .type = OptionType::Text, .defaultValue = "", .label = "Pattern", .help = "A Perl-compatible regular expression."},
            {.key = "replacement", .type = OptionType::Text, .defaultValue = "", .label = "Replacement", .help = "What is put in its place; $1 is the first group."}}), prepare};
    return rule;
}

}
