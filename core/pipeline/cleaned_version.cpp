// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/cleaned_version.h"

#include "importer/roles.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/dataset_versions.h"

#include <numeric>
#include <unordered_map>

namespace attune::pipeline {
namespace {

/// Splits move along. `cameFrom`: for each new row its position in `from`, -1 where it was not there.
Status carrySplits(const store::DatasetRow& from, const cleaner::Selection& cameFrom, const std::string& folder, Json& info)
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
        for (std::size_t i = 0; i < cameFrom.size(); ++i)
            if (cameFrom[i] >= 0 && isIn[static_cast<std::size_t>(cameFrom[i])])
                now.push_back(static_cast<std::int64_t>(i));
        ATTUNE_RETURN_IF_ERROR(cleaner::RowList::write(fmt::format("{}/split-{}.rows", folder, split), now));
        counts[split] = now.size();
    }
    if (!counts.empty())
        info["splits"] = counts;
    return {};
}

/// One entry for each step: reports come for those in force only.
void addReports(Json& list, const std::vector<cleaner::Step>& steps, const std::vector<cleaner::StepReport>& reports)
{
    std::size_t next = 0;
    for (const auto& step : steps) {
        if (!step.isEnabled || next >= reports.size()) {
            list.push_back(nullptr);
            continue;
        }
        const auto& report = reports[next++];
        list.push_back({{"rows_in", report.rowsIn}, {"rows_out", report.rowsOut}, {"changed", report.changed}, {"seconds", report.seconds}});
    }
}

struct Cleaned {
    const std::vector<cleaner::Step>& steps;
    const cleaner::Selection& rows;      ///< numbers of the import
    const cleaner::Selection& cameFrom;  ///< positions in the version before
    const std::vector<importer::Column>& columns;
    Json reports;
};

Result<store::DatasetRow> writeVersion(store::Store& store, const std::string& name, const store::DatasetRow& from, const Cleaned& cleaned)
{
    return addVersion(store, name, [&](const std::string& folder, store::DatasetRow& row) -> Status {
        ATTUNE_RETURN_IF_ERROR(writeFileAtomically(folder + "/steps.yaml", cleaner::toYaml(cleaned.steps)));
        ATTUNE_RETURN_IF_ERROR(cleaner::RowList::write(folder + "/rows", cleaned.rows));
        row.rows = static_cast<std::int64_t>(cleaned.rows.size());
        row.info = from.info;
        row.info["kind"] = "clean";
        row.info["base"] = from.info.value("base", from.folder);
        row.info["parent"] = fmt::format("{}@{}", from.name, from.version);
        row.info["has_steps"] = true;
        row.info["columns"] = importer::toJson(cleaned.columns);
        row.info["mapping"] = importer::mappingJson(cleaned.columns);
        row.info[kStepReports] = cleaned.reports;
        row.info.erase("splits");
        return carrySplits(from, cleaned.cameFrom, folder, row.info);
    });
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
    const cleaner::Selection& kept, const std::vector<importer::Column>& columns, const std::vector<cleaner::StepReport>& reports)
{
    ATTUNE_TRY(auto steps, stepsOf(from));
    Json all = from.info.value(kStepReports, Json::array());
    while (all.size() < steps.size())
        all.push_back(nullptr);
    addReports(all, more, reports);
    steps.insert(steps.end(), more.begin(), more.end());
    ATTUNE_TRY(auto rows, rowsOfImport(from));
    cleaner::Selection chosen;
    chosen.reserve(kept.size());
    for (const std::int64_t position : kept)
        chosen.push_back(rows[static_cast<std::size_t>(position)]);
    return writeVersion(store, name, from, {steps, chosen, kept, columns, std::move(all)});
}

Result<store::DatasetRow> addRecleaned(store::Store& store, const store::DatasetRow& from, const std::vector<cleaner::Step>& steps, const cleaner::Selection& rows,
    const std::vector<importer::Column>& columns, const std::vector<cleaner::StepReport>& reports)
{
    ATTUNE_TRY(const auto before, rowsOfImport(from));
    std::unordered_map<std::int64_t, std::int64_t> positions;
    positions.reserve(before.size());
    for (std::size_t i = 0; i < before.size(); ++i)
        positions.emplace(before[i], static_cast<std::int64_t>(i));
    cleaner::Selection cameFrom;
    cameFrom.reserve(rows.size());
    for (const std::int64_t row : rows) {
        const auto it = positions.find(row);
        cameFrom.push_back(it == positions.end() ? -1 : it->second);
    }
    Json all = Json::array();
    addReports(all, steps, reports);
    return writeVersion(store, from.name, from, {steps, rows, cameFrom, columns, std::move(all)});
}

Result<store::DatasetRow> changeable(store::Store& store, const std::string& dataset)
{
    ATTUNE_TRY(const auto name, parseDatasetName(dataset));
    if (!name.split.empty())
        return fail(ErrorCode::Usage, fmt::format("\"{}\" is a split; steps apply to the whole dataset.", dataset), fmt::format("Use {}; its splits move along.", name.name));
    return findDataset(store, name);
}

}
