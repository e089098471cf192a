// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "cleaner/duplicates.h"
#include "cleaner/steps.h"
#include "importer/import.h"
#include "store/store.h"

#include <map>
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

struct SplitOptions {
    std::vector<double> ratios {0.9, 0.1};  ///< train, eval, test
    std::uint64_t seed = 42;
    std::string stratify, group;            ///< column names, or empty
};
/// Makes a new version with splits train, eval and test; returns their row counts.
Result<std::map<std::string, std::int64_t>> splitDataset(store::Store& store, const std::string& dataset, const SplitOptions& options, const JobContext& context);

}
