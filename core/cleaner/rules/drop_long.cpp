// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/rule.h"
#include "cleaner/text.h"

namespace attune::cleaner {
namespace {

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext& context)
{
    ATTUNE_TRY(const std::size_t column, columnOption(options, columns));
    const Json &characters = options.at("max_chars"), &tokens = options.at("max_tokens");
    if (characters.is_null() == tokens.is_null())
        return fail(ErrorCode::FileCorrupt, "One of max_chars and max_tokens is needed.", "Write max_chars: 10, for example.");
    if (!tokens.is_null() && !context.countTokens)
        return fail(ErrorCode::Unsupported, "Tokens can only be counted with a model's tokenizer.", "Give the model with --model, or use max_chars.");
    const std::int64_t limit = (tokens.is_null() ? characters : tokens).get<std::int64_t>();
    if (tokens.is_null())  // a character has one to four bytes: most texts need no counting
        return makeRowTest([column, limit](const Row& row) {
            const CellText text(row[column]);
            const auto bytes = static_cast<std::int64_t>(std::string_view(text).size());
            return bytes <= limit || (bytes / 4 <= limit && countCharacters(text) <= limit);
        });
    const auto measure = context.countTokens;
    return makeRowTest([column, limit, measure](const Row& row) { return !(measure(CellText(row[column])) > limit); });
}

}

const Rule& drop_long()
{
    static const Rule rule {"drop_long", "Drop long rows",
        "Drops rows whose text is longer than this.",
        OptionSchema({columnOptionRow(),
            {.key = "max_chars", .type = OptionType::Integer, .label = "Characters", .help = "The most characters (code points).", .unit = "characters", .minimum = 0, .isNullable = true},
            {.key = "max_tokens", .type = OptionType::Integer, .label = "Tokens", .help = "The most tokens of the chosen model.", .unit = "tokens", .minimum = 0, .isNullable = true}}), prepare};
    return rule;
}

}
