// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "importer/dataset.h"
#include "importer/index.h"
#include "store/store.h"

#include <string>

namespace attune::pipeline {

/// "gsm8k@2:train": a dataset, one of its versions (0 = the newest), one of its splits (empty = all rows).
struct DatasetName {
    std::string name;
    int version = 0;
    std::string split;
};
/// Errors: BadName (usage).
Result<DatasetName> parseDatasetName(const std::string& text);

/// A DATASET argument: a file (which wins) or a registered name. A file is indexed into the
/// workspace's cache without being registered; the index is used again while the file stays the same.
/// Errors: DatasetMissing with the nearest name, and those of import.
Result<importer::DatasetPtr> openDataset(store::Store& store, const std::string& argument, const JobContext& context);

/// The row of a registered version. Errors: DatasetMissing, with the nearest name; BadName.
Result<store::DatasetRow> findDataset(store::Store& store, const DatasetName& name);
/// A registered version opened, or one split of it. Errors: DatasetMissing (no such split), FileCorrupt.
Result<importer::DatasetPtr> openVersion(const store::DatasetRow& row, const std::string& split);
/// The import that a version stands on: sources, problems, sentence about the roles.
Result<importer::IndexHeader> importOf(const store::DatasetRow& row);

}
