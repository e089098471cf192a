// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/clusters.h"
#include "pipeline/dataset_jobs.h"

#include <set>
#include <string>
#include <vector>

namespace attune::pipeline {

// What a person decides about single rows while looking at them, and how that is kept.

/// The rows as one step that names them by their content, so that it does the same in another file. A row that
/// others equal is named with its place among them. Errors: those of reading, Cancelled.
Result<cleaner::Step> dropRowsStep(const importer::Dataset& data, const std::vector<std::int64_t>& rows, const JobContext& context);
/// The rows of a version dropped by that one step: a new version. Errors: DatasetEmpty (no row would be left),
/// Usage (a split), those of dropRowsStep() and of writing.
Result<CleanReport> dropRows(store::Store& store, const std::string& dataset, const std::vector<std::int64_t>& rows, const JobContext& context);

/// Clusters that a person said are no duplicates: the contents of their rows, sorted. Kept with the dataset.
using NotDuplicates = std::set<std::vector<std::string>>;
Result<NotDuplicates> notDuplicates(const store::Store& store, const std::string& name);
Status setNotDuplicates(store::Store& store, const std::string& name, const NotDuplicates& marks);
/// The contents of a cluster's rows, as such a mark has them. Errors: those of reading.
Result<std::vector<std::string>> contentsOf(const importer::Dataset& data, const cleaner::Cluster& cluster);
/// Leaves out the clusters all of whose rows are in one mark. Errors: those of reading.
Status leaveOut(const importer::Dataset& data, const NotDuplicates& marks, std::vector<cleaner::Cluster>& clusters);

/// An earlier version once more as the newest: its rows, steps and splits. Nothing is lost, the versions between
/// stay. Errors: DatasetMissing, those of writing.
Result<store::DatasetRow> restoreVersion(store::Store& store, const std::string& name, int version);

}
