// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "importer/dataset.h"
#include "importer/index.h"
#include "pipeline/dataset_steps.h"
#include "store/store.h"

#include <memory>
#include <vector>

namespace attune::pages {

/// One version of a dataset, opened: what all its tabs show. Immutable and shared with workers.
struct OpenedVersion {
    store::DatasetRow row;                     ///< name, version, folder, facts
    std::vector<store::DatasetRow> versions;   ///< all of the dataset, oldest first
    importer::DatasetPtr data;                 ///< the rows behind the steps
    importer::DatasetPtr source;               ///< the rows as they were imported
    importer::IndexHeader header;              ///< of the import: sources, problems
    std::vector<pipeline::StepState> steps;    ///< what made it of the import

    bool isNewest() const { return versions.empty() || versions.back().version == row.version; }
    std::vector<cleaner::Step> plainSteps() const;
    /// "tickets@3", as a DATASET argument.
    std::string argument() const { return row.name + "@" + std::to_string(row.version); }
};
using OpenedPtr = std::shared_ptr<const OpenedVersion>;

/// version 0: the newest. Worker thread. Errors: DatasetMissing, those of reading.
Result<OpenedPtr> openForStudio(store::Store& store, const std::string& name, int version);

}
