// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "importer/dataset.h"
#include "tokenizer/tokenizer.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace attune::pipeline {

/// Ten bars of equal width between the least and the largest value.
struct Histogram {
    double minimum = 0, maximum = 0;
    std::vector<std::int64_t> counts;
    Json toJson() const;  ///< {minimum, maximum, counts}, or null when there is nothing to count
};

/// Text columns are measured in code points, lists in elements; missing = null or absent.
struct ColumnStats {
    std::string name, type;
    std::int64_t missing = 0, empty = 0, distinct = 0;
    bool isDistinctEstimated = false;  ///< beyond a million rows
    std::optional<double> minimum, mean, maximum;
    Histogram histogram;
    std::optional<double> median;
    Histogram body;  ///< 18 bars for the studio: up to where nearly all values lie, the last one holds what is beyond
};
/// What a value counts as on the number line: itself, or the length of a text (code points) or list.
std::optional<double> sizeOfCell(const importer::Cell& cell, bool isNumeric);

/// Which of `count` sorted values, counted from 0, the quantile of a share is: always one that occurs; the median of an even
/// number is the lower of the two in the middle.
std::int64_t quantileRank(double share, std::int64_t count);

struct TokenStats {
    std::int64_t total = 0, maximum = 0;
    double p50 = 0, p95 = 0;
    Histogram histogram;
};

struct DatasetStats {
    std::int64_t rows = 0;
    std::vector<ColumnStats> columns;
    std::optional<TokenStats> tokens;  ///< of each row's text (its role columns), without a template
    std::vector<std::pair<std::string, std::int64_t>> labels;  ///< most frequent first; empty without a label column
    Json toJson() const;               ///< the fields of `data stats`
};

/// One pass over all rows, in parallel. tokenizer: null = no token counts. Errors: those of reading, Cancelled.
Result<DatasetStats> computeStats(const importer::Dataset& data, const tokenizer::Tokenizer* tokenizer, const JobContext& context);

/// Counts a text's tokens, start and end tokens left out; for cleaning steps. Any thread.
std::function<std::int64_t(std::string_view)> tokenCounter(std::shared_ptr<const tokenizer::Tokenizer> tokenizer);

}
