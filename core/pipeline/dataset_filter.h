// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "base/progress.h"
#include "importer/dataset.h"

#include <string>
#include <vector>

namespace attune::pipeline {

/// One condition on one column, as the filter step knows it (op: == != < <= > >= contains not_contains matches in).
struct RowFilter {
    std::string column, op;
    Json value;
};

/// "level >= 3", "text contains cat": column, condition and value, apart by spaces; a value in double quotes is
/// text, anything else that is JSON is that value. Errors: Usage.
Result<RowFilter> parseRowFilter(const std::string& text);

/// The first `limit` rows, from row `from` on, that satisfy all filters; ascending. Stops reading when it has
/// them, so a first page of a large dataset comes at once. limit < 0: all. Errors: Usage (columns,
/// conditions), those of reading, Cancelled.
Result<std::vector<std::int64_t>> findRows(const importer::Dataset& data, const std::vector<RowFilter>& filters, std::int64_t from, std::int64_t limit, const JobContext& context);

}
