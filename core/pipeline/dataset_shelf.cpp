// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_shelf.h"

#include "base/file.h"
#include "pipeline/dataset_lookup.h"

#include <algorithm>

namespace attune::pipeline {
namespace {

constexpr const char* kArchivedKey = "archived_datasets";
constexpr const char* kTrashKey = "trashed_datasets";

std::string folderOf(const store::Store& store, const std::string& name)
{
    return store.folder("datasets") + "/" + name;
}

Json toJson(const TrashedDataset& trashed)
{
    Json versions = Json::array();
    for (const auto& row : trashed.versions)
        versions.push_back({{"name", row.name}, {"version", row.version}, {"rows", row.rows}, {"folder", row.folder}, {"created", row.created}, {"info", row.info}});
    return {{"name", trashed.name}, {"deleted", trashed.deleted}, {"folder", trashed.folder}, {"versions", std::move(versions)}};
}

Status putTrash(store::Store& store, const std::vector<TrashedDataset>& all)
{
    Json list = Json::array();
    for (const auto& trashed : all)
        list.push_back(toJson(trashed));
    return store.putValue(kTrashKey, list);
}

/// Datasets made with --as read the import of the one they were made of.
Status checkUse(const store::Store& store, const std::string& name)
{
    const std::string folder = folderOf(store, name) + "/";
    ATTUNE_TRY(const auto datasets, store.datasets());
    for (const auto& other : datasets) {
        if (other.name == name)
            continue;
        ATTUNE_TRY(const auto versions, store.datasetVersions(other.name));
        for (const auto& row : versions)
            if (row.info.value("base", std::string()).starts_with(folder))
                return fail(ErrorCode::Usage, fmt::format("{} cannot be deleted: {} reads the rows that were imported with it.", name, other.name), fmt::format("Delete {} first, or archive {}.", other.name, name));
    }
    return {};
}

}

Result<std::set<std::string>> archivedDatasets(const store::Store& store)
{
    ATTUNE_TRY(const Json json, store.value(kArchivedKey));
    std::set<std::string> names;
    if (json.is_array())
        for (const auto& name : json)
            if (name.is_string())
                names.insert(name.get<std::string>());
    return names;
}

Status setArchived(store::Store& store, const std::string& name, bool isArchived)
{
    ATTUNE_TRY(auto names, archivedDatasets(store));
    if (isArchived)
        names.insert(name);
    else
        names.erase(name);
    return store.putValue(kArchivedKey, Json(std::vector<std::string>(names.begin(), names.end())));
}

Result<std::vector<TrashedDataset>> trashedDatasets(const store::Store& store)
{
    ATTUNE_TRY(const Json json, store.value(kTrashKey));
    std::vector<TrashedDataset> all;
    for (const auto& entry : json.is_array() ? json : Json::array()) {
        if (!entry.is_object())
            continue;
        TrashedDataset trashed {entry.value("name", ""), entry.value("deleted", ""), entry.value("folder", ""), {}};
        for (const auto& v : entry.value("versions", Json::array()))
            trashed.versions.push_back({v.value("name", ""), v.value("version", 1), v.value("rows", std::int64_t(0)), v.value("folder", ""), v.value("created", ""), v.value("info", Json::object())});
        all.push_back(std::move(trashed));
    }
    return all;
}

Status trashDataset(store::Store& store, const std::string& name)
{
    ATTUNE_TRY([[maybe_unused]] const auto newest, findDataset(store, {name, 0, {}}));
    ATTUNE_RETURN_IF_ERROR(checkUse(store, name));
    TrashedDataset trashed {name, store::nowUtc(), {}, {}};
    ATTUNE_TRY(trashed.versions, store.datasetVersions(name));
    ATTUNE_TRY(auto all, trashedDatasets(store));
    ATTUNE_TRY(trashed.folder, store.moveToTrash(folderOf(store, name)));
    all.push_back(trashed);
    ATTUNE_RETURN_IF_ERROR(putTrash(store, all));
    return store.removeDataset(name);
}

Status restoreDataset(store::Store& store, const std::string& name)
{
    ATTUNE_TRY(auto all, trashedDatasets(store));
    // The one that was deleted last, where the name was used again.
    const auto it = std::find_if(all.rbegin(), all.rend(), [&](const TrashedDataset& one) { return one.name == name; });
    if (it == all.rend())
        return fail(ErrorCode::DatasetMissing, fmt::format("There is no dataset \"{}\" in the trash.", name));
    ATTUNE_TRY(const auto existing, store.dataset(name));
    if (existing)
        return fail(ErrorCode::DatasetExists, fmt::format("There is already a dataset \"{}\".", name), "Delete it first; its name is taken.");
    std::error_code error;
    fs::rename(it->folder, folderOf(store, name), error);
    if (error)
        return failSystem(it->folder, "move", error.value());
    for (const auto& row : it->versions)
        ATTUNE_RETURN_IF_ERROR(store.putDataset(row));
    all.erase(std::next(it).base());
    return putTrash(store, all);
}

}
