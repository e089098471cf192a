// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/quality.h"
#include "cleaner/row_key.h"
#include "cleaner/rule.h"

#include <set>

namespace attune::cleaner {
namespace {

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext& context)
{
    QualityOptions wanted;
    wanted.kinds = options.at("kinds").get<std::vector<std::string>>();
    wanted.shortCharacters = options.at("short_characters").get<std::int64_t>();
    wanted.longCharacters = options.at("long_characters").get<std::int64_t>();
    wanted.contextTokens = options.at("context_tokens").get<std::int64_t>();
    if (std::find(wanted.kinds.begin(), wanted.kinds.end(), "over_context") != wanted.kinds.end()) {
        if (!context.countTokens)
            return fail(ErrorCode::FileCorrupt, "Rows over the context limit need a model to count their tokens.", "Choose a model, or leave over_context out.");
        wanted.countTokens = context.countTokens;
    }
    std::set<Hash128> ignored;
    for (const auto& value : options.at("ignore")) {
        ATTUNE_TRY(const Hash128 hash, hashFromHex(value.is_string() ? value.get<std::string>() : toLine(value)));
        ignored.insert(hash);
    }
    auto check = QualityCheck::create(wanted, columns);
    if (!check)
        return fail(ErrorCode::FileCorrupt, check.error().message, check.error().hint);
    return makeRowTest([check = std::move(*check), ignored = std::move(ignored)](const Row& row) { return !check.isAnyIn(row) || ignored.contains(rowHash(row)); });
}

std::vector<OptionChoice> kindChoices()
{
    std::vector<OptionChoice> choices;
    for (const auto& kind : qualityKinds())
        choices.push_back({std::string(kind.kind), std::string(kind.label), std::string(kind.help)});
    return choices;
}

}

const Rule& drop_issues()
{
    static const QualityOptions defaults;
    static const Rule rule {"drop_issues", "Drop rows with issues",
        "Drops rows whose answers are empty, very short or long, decline or repeat themselves, and rows with damaged characters or template tokens.",
        OptionSchema({
            {.key = "kinds", .type = OptionType::List, .defaultValue = Json::array({"empty_answer"}), .label = "Kinds", .help = "What rows are dropped for.", .choices = kindChoices()},
            {.key = "short_characters", .type = OptionType::Integer, .defaultValue = defaults.shortCharacters, .label = "Short below", .help = "Answers with fewer characters are very short.", .unit = "characters", .minimum = 1},
            {.key = "long_characters", .type = OptionType::Integer, .defaultValue = defaults.longCharacters, .label = "Long above", .help = "Answers with more characters are very long.", .unit = "characters", .minimum = 1},
            {.key = "context_tokens", .type = OptionType::Integer, .defaultValue = defaults.contextTokens, .label = "Context", .help = "Rows with more tokens are over the context limit.", .unit = "tokens", .minimum = 1},
            {.key = "ignore", .type = OptionType::List, .defaultValue = Json::array(), .label = "Rows to keep", .help = "Hashes of rows that stay, as data show --hashes prints them."}}), prepare};
    return rule;
}

}
