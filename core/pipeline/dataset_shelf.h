// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/store.h"

#include <set>
#include <string>
#include <vector>

namespace attune::pipeline {

// Datasets that are out of the way: archived ones stay as they are but are not listed, those in the trash have left
// the database and their folder, and can be brought back until the trash is emptied.

Result<std::set<std::string>> archivedDatasets(const store::Store& store);
Status setArchived(store::Store& store, const std::string& name, bool isArchived);

/// A dataset in the trash, with all its versions.
struct TrashedDataset {
    std::string name, deleted;
    std::string folder;                      ///< where its folder lies now
    std::vector<store::DatasetRow> versions;
};
Result<std::vector<TrashedDataset>> trashedDatasets(const store::Store& store);
/// Moves a dataset with all versions to the trash. The source files stay where they are. Errors: DatasetMissing,
/// Usage (another dataset stands on its import, naming it), DiskWrite.
Status trashDataset(store::Store& store, const std::string& name);
/// Brings it back. Errors: DatasetMissing (not in the trash), DatasetExists (the name is taken), DiskWrite.
Status restoreDataset(store::Store& store, const std::string& name);

}
