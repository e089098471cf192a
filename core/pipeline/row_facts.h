// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "importer/dataset.h"
#include "store/store.h"
#include "tokenizer/tokenizer.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace attune::pipeline {

/// What makes a row worth a look, as a bit of RowFacts::flags.
struct FlagName {
    std::uint32_t bit = 0;
    std::string name;   ///< permanent: a kind of personal data or of quality, "redacted" or "same_text"
    std::string label;  ///< for people: "E-mail addresses"
    bool isPersonal = false;
};
/// All flags, in the order of their bits. Over the context limit is none: it depends on the limit.
const std::vector<FlagName>& flagNames();

/// A column with few different values, as codes. values[0] stands for a missing value.
struct RowCategory {
    std::size_t column = 0;
    std::string name;
    std::vector<std::string> values;
    std::vector<std::uint16_t> codes;  ///< by row
};

/// What is known of each row beside its values, column by column so that ten million rows fit in memory.
/// Made in one parallel pass over a version's rows; immutable after it, any thread may read.
struct RowFacts {
    std::int64_t rows = 0;
    bool hasTokens = false;               ///< a tokenizer was given
    bool hasAnswers = false;              ///< the roles give an answer
    bool isConversation = false;          ///< a column of messages: `turns` counts
    std::vector<std::uint32_t> tokens;    ///< of the row's text (its role columns), without a template
    std::vector<std::uint32_t> flags;
    std::vector<std::uint32_t> promptCharacters, answerCharacters;
    std::vector<std::uint16_t> turns;
    std::vector<std::uint8_t> language;   ///< index into languages
    std::vector<std::string> languages;   ///< [0] is empty: cannot be told
    std::vector<std::uint8_t> split;      ///< index into splits
    std::vector<std::string> splits;      ///< [0] is empty: in no part
    std::vector<RowCategory> categories;
    std::int64_t tokensTotal = 0;
};
using RowFactsPtr = std::shared_ptr<const RowFacts>;

/// tokenizer: null = no token counts. Errors: those of reading, Cancelled.
Result<RowFactsPtr> computeRowFacts(const importer::Dataset& data, const tokenizer::Tokenizer* tokenizer, const JobContext& context);
/// The same facts with the parts that a version was split into: name and positions.
struct SplitRows {
    std::string name;
    std::vector<std::int64_t> rows;
};
RowFactsPtr withSplits(const RowFactsPtr& facts, const std::vector<SplitRows>& splits);

/// The tokens of a version as they were last counted, kept so that a list need not read all rows; nothing: not counted yet.
std::optional<std::int64_t> keptTokens(const store::Store& store, const store::DatasetRow& row);
/// Keeps them; the same number again is no write. Errors: those of the store.
Status keepTokens(store::Store& store, const store::DatasetRow& row, std::int64_t tokens);

}
