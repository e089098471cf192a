// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "cleaner/duplicates.h"
#include "cleaner/steps.h"
#include "importer/import.h"
#include "store/store.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace attune::pipeline {

// What the programs do with registered datasets. Every change makes a new version; the source files
// and earlier versions stay as they are.

struct ImportReport {
    store::DatasetRow row;
    importer::IndexHeader header;
    std::uint64_t bytes = 0;
    double seconds = 0;
    Json toJson() const;  ///< the fields of `data import`
};
/// name: empty = from the first file's name. Errors: DatasetExists unless isReplace, BadName, and those of import.
Result<ImportReport> importDataset(store::Store& store, const std::vector<std::string>& paths, std::string name, const importer::ImportOptions& options,
    bool isReplace, const JobContext& context);

struct DedupeReport {
    std::int64_t rowsIn = 0, rowsOut = 0;
    std::vector<cleaner::DuplicateGroup> groups;
    double seconds = 0;
    std::string dataset;  ///< the new version, or the old one when nothing was dropped
    Json toJson() const;  ///< the fields of `data dedupe`
};
/// Without isDryRun the duplicates go as one more step of a new version. groupsFile: cli.md's --groups, or empty.
Result<DedupeReport> dedupeDataset(store::Store& store, const std::string& dataset, const cleaner::DuplicateOptions& options, const std::string& groupsFile,
    bool isDryRun, const JobContext& context);

struct CleanReport {
    std::vector<cleaner::StepReport> steps;
    std::string dataset;
    Json toJson() const;  ///< the fields of `data clean`
};
/// Adds the steps to the dataset's and makes a new version, or another dataset `as`.
Result<CleanReport> cleanDataset(store::Store& store, const std::string& dataset, const std::vector<cleaner::Step>& steps, const std::string& as,
    const cleaner::PrepareContext& prepare, const JobContext& context);

/// The columns' roles set anew (role name -> column; columns not named get none), as one more version.
/// Errors: Usage (a role or column that is not there), those of versions.
Result<CleanReport> setRoles(store::Store& store, const std::string& dataset, const std::map<std::string, std::string>& roles, const JobContext& context);
/// One value of one row set, as a step that finds the row by its content: rows equal to it change alike.
Result<CleanReport> editRow(store::Store& store, const std::string& dataset, std::int64_t row, const std::string& column, const Json& value, const JobContext& context);
/// That step alone, for a list of steps. Errors: those of reading, Usage (a column that is not there).
Result<cleaner::Step> editStep(const importer::Dataset& data, std::int64_t row, const std::string& column, const Json& value);

struct CombineOptions {
    std::vector<std::string> datasets;  ///< names, with version or split, or files
    std::vector<double> weights;        ///< one per dataset or none: 2 = every row twice, 0.5 = half of the rows, drawn
    std::uint64_t seed = 42;
    bool isShuffled = false;            ///< else one dataset after the other
};
/// A new dataset of several. Equal columns and roles stay as they are; else all become conversations.
/// The rows are written into the workspace, the parts with their hashes are kept as its lineage. Errors:
/// DatasetExists, Usage (weights), RoleMissing (neither equal columns nor conversations), those of import.
Result<ImportReport> combineDatasets(store::Store& store, const CombineOptions& options, const std::string& name, const JobContext& context);

struct SplitOptions {
    std::vector<double> ratios {0.9, 0.1};  ///< train, eval, test
    std::uint64_t seed = 42;
    std::string stratify, group;            ///< column names, or empty
    std::string column;                     ///< its values name the parts (train, eval or validation, test); no ratios then
    std::optional<cleaner::DuplicateOptions> together;  ///< duplicates of this kind never lie in two parts
};
/// How many rows each share gets where no rows have to stay together; they add up to all rows.
std::vector<std::int64_t> plannedParts(std::int64_t rows, const std::vector<double>& ratios);
/// Makes a new version with splits train, eval and test; returns their row counts.
/// Errors: Usage (shares, columns, values that name no part), those of reading and versions.
Result<std::map<std::string, std::int64_t>> splitDataset(store::Store& store, const std::string& dataset, const SplitOptions& options, const JobContext& context);

}
