// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/cleaned_version.h"

#include "importer/roles.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/dataset_versions.h"

#include <numeric>

namespace attune::pipeline {
namespace {

/// Splits move along: rows that stay keep their split.
Status carrySplits(const store::DatasetRow& from, const cleaner::Selection& kept, const std::string& folder, Json& info)
{
    Json counts = Json::object();
    const Json splits = from.info.value("splits", Json::object());
    for (const auto& [split, count] : splits.items()) {
        ATTUNE_TRY(const auto list, cleaner::RowList::open(fmt::format("{}/split-{}.rows", from.folder, split)));
        std::vector<bool> isIn(static_cast<std::size_t>(from.rows));
        for (std::int64_t i = 0; i < list.size(); ++i)
            if (list[i] < from.rows)
                isIn[static_cast<std::size_t>(list[i])] = true;
        cleaner::Selection now;
        for (std::size_t i = 0; i < kept.size(); ++i)
            if (isIn[static_cast<std::size_t>(kept[i])])
                now.push_back(static_cast<std::int64_t>(i));
        ATTUNE_RETURN_IF_ERROR(cleaner::RowList::write(fmt::format("{}/split-{}.rows", folder, split), now));
        counts[split] = now.size();
    }
    if (!counts.empty())
        info["splits"] = counts;
    return {};
}

}

Result<std::vector<cleaner::Step>> stepsOf(const store::DatasetRow& row)
{
    if (!row.info.value("has_steps", false))
        return std::vector<cleaner::Step>();
    ATTUNE_TRY(const auto yaml, readFile(row.folder + "/steps.yaml"));
    return cleaner::parseSteps(yaml);
}

Result<cleaner::Selection> rowsOfImport(const store::DatasetRow& row)
{
    cleaner::Selection rows(static_cast<std::size_t>(row.rows));
    if (!row.info.value("has_steps", false)) {
        std::iota(rows.begin(), rows.end(), std::int64_t(0));
        return rows;
    }
    ATTUNE_TRY(const auto list, cleaner::RowList::open(row.folder + "/rows"));
    rows.resize(static_cast<std::size_t>(list.size()));
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i] = list[static_cast<std::int64_t>(i)];
    return rows;
}

Result<store::DatasetRow> addCleaned(store::Store& store, const std::string& name, const store::DatasetRow& from, const std::vector<cleaner::Step>& more,
    const cleaner::Selection& kept, const std::vector<importer::Column>& columns)
{
    ATTUNE_TRY(auto steps, stepsOf(from));
    steps.insert(steps.end(), more.begin(), more.end());
    ATTUNE_TRY(auto rows, rowsOfImport(from));
    cleaner::Selection chosen;
    chosen.reserve(kept.size());
    for (const std::int64_t position : kept)
        chosen.push_back(rows[static_cast<std::size_t>(position)]);
    return addVersion(store, name, [&](const std::string& folder, store::DatasetRow& row) -> Status {
        ATTUNE_RETURN_IF_ERROR(writeFileAtomically(folder + "/steps.yaml", cleaner::toYaml(steps)));
        ATTUNE_RETURN_IF_ERROR(cleaner::RowList::write(folder + "/rows", chosen));
        row.rows = static_cast<std::int64_t>(chosen.size());
        row.info = from.info;
        row.info["kind"] = "clean";
        row.info["base"] = from.info.value("base", from.folder);
        row.info["parent"] = fmt::format("{}@{}", from.name, from.version);
        row.info["has_steps"] = true;
        row.info["columns"] = importer::toJson(columns);
        row.info["mapping"] = importer::mappingJson(columns);
        row.info.erase("splits");
        return carrySplits(from, kept, folder, row.info);
    });
}

Result<store::DatasetRow> changeable(store::Store& store, const std::string& dataset)
{
    ATTUNE_TRY(const auto name, parseDatasetName(dataset));
    if (!name.split.empty())
        return fail(ErrorCode::Usage, fmt::format("\"{}\" is a split; steps apply to the whole dataset.", dataset), fmt::format("Use {}; its splits move along.", name.name));
    return findDataset(store, name);
}

}
