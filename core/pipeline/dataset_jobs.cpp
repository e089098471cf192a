// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_jobs.h"

#include "base/names.h"
#include "cleaner/cleaned_dataset.h"
#include "formats/file_writer.h"
#include "importer/roles.h"
#include "importer/source_dataset.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/dataset_versions.h"

#include <chrono>
#include <numeric>

namespace attune::pipeline {
namespace {

class Stopwatch
{
public:
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - m_begin).count(); }

private:
    std::chrono::steady_clock::time_point m_begin = std::chrono::steady_clock::now();
};

std::string nameFromFile(const std::string& path)
{
    fs::path stem = fs::path(path).filename();
    while (stem.has_extension() && stem.extension() != stem)
        stem = stem.stem();
    return toName(stem.string());
}

Json sourcesJson(const importer::IndexHeader& header)
{
    Json sources = Json::array();
    for (const auto& source : header.sources)
        sources.push_back({{"path", source.path}, {"bytes", source.bytes}, {"hash", source.hash}, {"rows", source.rows}, {"format", source.layout.format}, {"encoding", source.encoding}});
    return sources;
}

Json infoOf(const importer::IndexHeader& header, const std::string& base)
{
    return {{"kind", "import"}, {"base", base}, {"has_steps", false}, {"columns", importer::toJson(header.columns)}, {"mapping", importer::mappingJson(header.columns)},
        {"style", header.style}, {"sentence", header.sentence}, {"sources", sourcesJson(header)}, {"skipped", header.skipped}};
}

/// Steps that made a version, empty for an import.
Result<std::vector<cleaner::Step>> stepsOf(const store::DatasetRow& row)
{
    if (!row.info.value("has_steps", false))
        return std::vector<cleaner::Step>();
    ATTUNE_TRY(const auto yaml, readFile(row.folder + "/steps.yaml"));
    return cleaner::parseSteps(yaml);
}

/// A version's rows as numbers of its import.
Result<cleaner::Selection> baseRows(const store::DatasetRow& row)
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

/// The version behind more steps; `kept` are positions in the version before.
Result<store::DatasetRow> addCleaned(store::Store& store, const std::string& name, const store::DatasetRow& from, const std::vector<cleaner::Step>& more,
    const cleaner::Selection& kept, const std::vector<importer::Column>& columns)
{
    ATTUNE_TRY(auto steps, stepsOf(from));
    steps.insert(steps.end(), more.begin(), more.end());
    ATTUNE_TRY(auto rows, baseRows(from));
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

Status writeGroups(const std::string& path, const std::vector<cleaner::DuplicateGroup>& groups)
{
    ATTUNE_TRY(auto out, formats::FileWriter::create(absolutePath(path)));
    for (const auto& group : groups)
        out.write(toLine(Json {{"keep", group.keep}, {"drop", group.drop}, {"similarity", group.similarity}}) + "\n");
    return out.commit();
}

/// Registered versions can change; a file or a split cannot.
Result<store::DatasetRow> changeable(store::Store& store, const std::string& dataset)
{
    ATTUNE_TRY(const auto name, parseDatasetName(dataset));
    if (!name.split.empty())
        return fail(ErrorCode::Usage, fmt::format("\"{}\" is a split; steps apply to the whole dataset.", dataset), fmt::format("Use {}; its splits move along.", name.name));
    return findDataset(store, name);
}

const char* methodName(cleaner::DuplicateMethod method)
{
    return method == cleaner::DuplicateMethod::Exact ? "exact" : method == cleaner::DuplicateMethod::Normalized ? "normalized" : "near";
}

}

Json ImportReport::toJson() const
{
    return {{"dataset", row.name}, {"version", row.version}, {"rows", header.rows}, {"skipped", header.skipped}, {"problems", importer::toJson(header.problems)},
        {"columns", importer::toJson(header.columns)}, {"mapping", importer::mappingJson(header.columns)}, {"style", header.style}, {"confidence", header.confidence},
        {"sentence", header.sentence}, {"sources", sourcesJson(header)}, {"bytes", bytes}, {"seconds", seconds}};
}

Result<ImportReport> importDataset(store::Store& store, const std::vector<std::string>& paths, std::string name, const importer::ImportOptions& options, bool isReplace,
    const JobContext& context)
{
    const Stopwatch stopwatch;
    if (name.empty() && !paths.empty())
        name = nameFromFile(paths.front());
    ATTUNE_RETURN_IF_ERROR(checkName(name, "dataset"));
    ATTUNE_TRY(const auto existing, store.dataset(name));
    if (existing && !isReplace)
        return fail(ErrorCode::DatasetExists, fmt::format("There is already a dataset \"{}\".", name), "Choose another name with --name, or add --replace to make a new version of it.");
    ImportReport report;
    ATTUNE_TRY(report.row, addVersion(store, name, [&](const std::string& folder, store::DatasetRow& row) -> Status {
        ATTUNE_TRY(report.header, importer::importFiles(paths, folder, options, context));
        row.rows = report.header.rows;
        row.info = infoOf(report.header, row.folder);
        return {};
    }));
    for (const auto& source : report.header.sources)
        report.bytes += source.bytes;
    report.seconds = stopwatch.seconds();
    return report;
}

Json DedupeReport::toJson() const
{
    return {{"rows_in", rowsIn}, {"rows_out", rowsOut}, {"groups", groups.size()}, {"seconds", seconds}, {"dataset", dataset}};
}

Result<DedupeReport> dedupeDataset(store::Store& store, const std::string& dataset, const cleaner::DuplicateOptions& options, const std::string& groupsFile, bool isDryRun,
    const JobContext& context)
{
    const Stopwatch stopwatch;
    ATTUNE_TRY(const auto row, changeable(store, dataset));
    ATTUNE_TRY(const auto data, openVersion(row, {}));
    DedupeReport report;
    ATTUNE_TRY(report.groups, cleaner::findDuplicates(cleaner::DatasetRows(*data), options, context));
    const auto kept = cleaner::withoutDuplicates(data->rows(), report.groups);
    report.rowsIn = data->rows();
    report.rowsOut = static_cast<std::int64_t>(kept.size());
    report.dataset = data->name();
    if (!groupsFile.empty())
        ATTUNE_RETURN_IF_ERROR(writeGroups(groupsFile, report.groups));
    if (!isDryRun && report.rowsOut < report.rowsIn) {
        cleaner::Step step {"dedupe", {{"method", methodName(options.method)}, {"keep", options.keep == cleaner::Keep::First ? "first" : "longest"}}};
        if (options.method == cleaner::DuplicateMethod::Near)
            step.options["threshold"] = options.threshold;
        if (!options.columns.empty())
            step.options["columns"] = options.columns;
        ATTUNE_TRY(const auto made, addCleaned(store, row.name, row, {step}, kept, data->columns()));
        report.dataset = fmt::format("{}@{}", made.name, made.version);
    }
    report.seconds = stopwatch.seconds();
    return report;
}

Json CleanReport::toJson() const
{
    Json list = Json::array();
    for (const auto& step : steps)
        list.push_back({{"type", step.type}, {"rows_in", step.rowsIn}, {"rows_out", step.rowsOut}, {"changed", step.changed}, {"seconds", step.seconds}});
    return {{"steps", list}, {"dataset", dataset}};
}

Result<CleanReport> cleanDataset(store::Store& store, const std::string& dataset, const std::vector<cleaner::Step>& steps, const std::string& as,
    const cleaner::PrepareContext& prepare, const JobContext& context)
{
    ATTUNE_TRY(const auto row, changeable(store, dataset));
    if (!as.empty()) {
        ATTUNE_RETURN_IF_ERROR(checkName(as, "dataset"));
        ATTUNE_TRY(const auto existing, store.dataset(as));
        if (existing)
            return fail(ErrorCode::DatasetExists, fmt::format("There is already a dataset \"{}\".", as), "Choose another name with --as.");
    }
    ATTUNE_TRY(const auto data, openVersion(row, {}));
    ATTUNE_TRY(const auto chain, cleaner::StepChain::prepare(steps, data->columns(), prepare));
    ATTUNE_TRY(auto result, cleaner::runSteps(cleaner::DatasetRows(*data), chain, context));
    if (result.selection.empty())
        return fail(ErrorCode::DatasetEmpty, fmt::format("No rows are left after the steps (0 of {}).", data->rows()), "Loosen the step that drops them; nothing was changed.");
    ATTUNE_TRY(const auto made, addCleaned(store, as.empty() ? row.name : as, row, steps, result.selection, chain.columns()));
    return CleanReport {std::move(result.reports), fmt::format("{}@{}", made.name, made.version)};
}

}
