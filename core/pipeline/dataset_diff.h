// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "importer/dataset.h"
#include "store/store.h"

#include <string>
#include <vector>

namespace attune::pipeline {

/// What became of one row between two versions; -1 where it is not there.
struct RowDifference {
    enum class Kind { Added, Removed, Changed };
    Kind kind = Kind::Added;
    std::int64_t from = -1, to = -1;  ///< row numbers in the two versions
};

struct DatasetDifference {
    std::string from, to;  ///< names with version
    std::int64_t rowsFrom = 0, rowsTo = 0, added = 0, removed = 0, changed = 0, unchanged = 0;
    std::vector<std::string> columnsAdded, columnsRemoved, rolesChanged;
    std::vector<RowDifference> rows;  ///< all of them: removed and changed by `from`, added by `to`
    /// Counts and columns, and up to `limit` rows with their values before and after.
    Result<Json> toJson(const importer::Dataset& from, const importer::Dataset& to, std::int64_t limit) const;
};

/// Two versions of one import are compared row for row, whatever steps lie between; other datasets by content
/// (equal rows are matched, nothing is "changed"). Values are compared in the columns that both have.
/// Errors: DatasetMissing, those of reading, Cancelled.
Result<DatasetDifference> compareVersions(store::Store& store, const std::string& from, const std::string& to, const JobContext& context);

}
