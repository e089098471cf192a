// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/rule.h"

namespace attune::cleaner {

enum class DuplicateMethod { Exact, Normalized, Near };
enum class Keep { First, Longest };
/// As steps.yaml and the command line write it.
const char* methodName(DuplicateMethod method);

struct DuplicateOptions {
    DuplicateMethod method = DuplicateMethod::Exact;
    double threshold = 0.8;            ///< near: least Jaccard similarity of the shingle sets
    Keep keep = Keep::First;
    std::vector<std::string> columns;  ///< empty: exact all columns, else the role columns
    unsigned threads = 0;
};

/// Rows that are the same: one is kept. similarity is to the keeper, one per dropped row.
struct DuplicateGroup {
    std::int64_t keep = 0;
    std::vector<std::int64_t> drop;
    std::vector<double> similarity;
};

/// Groups in order of their lowest row; rows in a group ascend. Only groups with a row to drop.
/// Semantics of cli.md "Duplicates". Errors: those of reading, Usage (a column that is not there), Cancelled.
Result<std::vector<DuplicateGroup>> findDuplicates(const RowSource& rows, const DuplicateOptions& options, const JobContext& context);

/// The rows that are left when the groups' duplicates go, in order.
Selection withoutDuplicates(std::int64_t rows, const std::vector<DuplicateGroup>& groups);

/// The columns whose text stands for a row: the named ones, else those with a role, else all.
Result<std::vector<std::size_t>> textColumns(const std::vector<Column>& columns, const std::vector<std::string>& named);
/// The row's text: those columns joined by newlines.
std::string rowText(const Row& row, const std::vector<std::size_t>& columns);
/// The same into a text that is used again.
void rowText(const Row& row, const std::vector<std::size_t>& columns, std::string& text);

/// A row of the training data that (nearly) is a row of the evaluation data.
struct Leak {
    std::int64_t train = 0, eval = 0;
    double similarity = 0;
};
struct LeakReport {
    std::vector<Leak> pairs;  ///< every pair at or above the threshold, by eval row, then train row
    std::int64_t evalRows = 0;
    std::int64_t leaked = 0;  ///< distinct eval rows
};
/// Similarity as for near-duplicates, of the rows' role columns. Errors: those of reading, Cancelled.
Result<LeakReport> findLeaks(const RowSource& train, const RowSource& eval, double threshold, const JobContext& context);

}
