// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/rule.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attune::cleaner {

/// One thing about a row's texts that training would rather not learn.
struct QualityKind {
    std::string_view kind;   ///< "refusal"; permanent: in reports and steps.yaml
    std::string_view label;  ///< "Refusal"
    std::string_view help;   ///< what is found, in a sentence
};
/// empty_answer short_answer long_answer refusal repetitive mojibake template_token over_context
std::span<const QualityKind> qualityKinds();
const QualityKind* findQualityKind(std::string_view kind);

struct QualityOptions {
    std::vector<std::string> kinds;        ///< empty: all
    std::int64_t shortCharacters = 10;     ///< answers below are very short
    std::int64_t longCharacters = 20'000;  ///< answers above are very long
    double repetition = 0.5;               ///< share of a text that repeats itself
    std::int64_t contextTokens = 2048;
    std::function<std::int64_t(std::string_view)> countTokens;  ///< empty: over_context is not looked for
};

/// Where something was found: bytes [begin, end) of a cell's text, or of the string at `path` in it.
struct QualityFind {
    std::string_view kind;
    std::size_t column = 0;
    std::string path;
    std::string_view text;
    std::size_t begin = 0, end = 0;
};

/// Looks at answers (the completion, what the assistant says, the chosen answer) and at all texts of a row.
/// Rows with a label are examples to classify: their texts are no answers. Immutable; any thread.
class QualityCheck
{
public:
    /// Errors: Usage (an unknown kind, naming the nearest).
    static Result<QualityCheck> create(const QualityOptions& options, const std::vector<Column>& columns);

    /// Calls seen for all that is found; each kind at most once a text.
    void find(const Row& row, const std::function<void(const QualityFind&)>& seen) const;
    bool isAnyIn(const Row& row) const;

private:
    bool wants(std::string_view kind) const;
    void inAnswer(std::size_t column, const std::string& path, std::string_view text, const std::function<void(const QualityFind&)>& seen) const;
    void inText(std::size_t column, const std::string& path, std::string_view text, const std::function<void(const QualityFind&)>& seen) const;
    void inMessages(std::size_t column, const Json& list, bool areAnswers, const std::function<void(const QualityFind&)>& seen) const;
    void inContext(const Row& row, const std::function<void(const QualityFind&)>& seen) const;

    QualityOptions m_options;
    std::vector<Column> m_columns;
    std::vector<std::size_t> m_texts;
    bool m_isLabelled = false;
};

}
