// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/opened_version.h"

#include "pipeline/dataset_lookup.h"

namespace attune::pages {

std::vector<cleaner::Step> OpenedVersion::plainSteps() const
{
    std::vector<cleaner::Step> plain;
    for (const auto& state : steps)
        plain.push_back(state.step);
    return plain;
}

Result<OpenedPtr> openForStudio(store::Store& store, const std::string& name, int version)
{
    auto opened = std::make_shared<OpenedVersion>();
    ATTUNE_TRY(opened->row, pipeline::findDataset(store, {name, version, {}}));
    ATTUNE_TRY(opened->versions, store.datasetVersions(name));
    std::sort(opened->versions.begin(), opened->versions.end(), [](const auto& a, const auto& b) { return a.version < b.version; });
    ATTUNE_TRY(opened->data, pipeline::openVersion(opened->row, {}));
    store::DatasetRow imported = opened->row;
    imported.info["has_steps"] = false;
    ATTUNE_TRY(opened->source, pipeline::openVersion(imported, {}));
    ATTUNE_TRY(opened->header, pipeline::importOf(opened->row));
    ATTUNE_TRY(opened->steps, pipeline::stepStates(opened->row));
    return OpenedPtr(opened);
}

}
