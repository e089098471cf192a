// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "cleaner/scan.h"
#include "store/store.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace attune::pipeline {

/// What a person said is none: kept with the dataset, for all of its versions.
struct ScanIgnores {
    std::vector<std::string> values;    ///< in any spelling
    std::vector<std::string> patterns;  ///< regular expressions
};

/// What a scan for personal data found.
struct ScanReport {
    std::string dataset;       ///< with its version: "chats@3"
    std::string contentHash;   ///< of the rows that were looked at
    std::string created;
    std::int64_t rows = 0, rowsWithFindings = 0;
    std::vector<std::string> kinds;                  ///< looked for
    std::map<std::string, std::int64_t> counts;      ///< by kind, noughts included
    std::map<std::string, std::map<std::string, std::int64_t>> byColumn;
    std::vector<cleaner::Finding> findings;
    std::int64_t findingsTotal = 0;                  ///< a stored report keeps the first kMostStoredFindings
    ScanIgnores ignored;
    double seconds = 0;

    Json toJson() const;  ///< the fields of `data scan`
    static std::optional<ScanReport> fromJson(const Json& json);
};
constexpr std::size_t kMostStoredFindings = 10'000;

/// Looks for personal data in a registered dataset (or a file). The dataset's ignored values and patterns count
/// besides those of the options. The report of a whole registered version is kept in its folder.
/// Errors: Usage (kinds, patterns, columns), DatasetMissing, those of reading, DiskFull, Cancelled.
Result<ScanReport> scanDataset(store::Store& store, const std::string& dataset, cleaner::ScanOptions options, const JobContext& context);
/// The last report of a version; nothing if it was not scanned. Errors: DatasetMissing.
Result<std::optional<ScanReport>> storedScan(store::Store& store, const std::string& dataset);

/// The values and patterns that scans of a dataset pass over; name without version and split.
Result<ScanIgnores> scanIgnores(const store::Store& store, const std::string& name);
/// Errors: Usage (a pattern that is none), DiskFull.
Status setScanIgnores(store::Store& store, const std::string& name, const ScanIgnores& ignores);

}
