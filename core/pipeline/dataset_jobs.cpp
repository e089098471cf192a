// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_jobs.h"

#include "base/names.h"
#include "cleaner/cleaned_dataset.h"
#include "cleaner/row_key.h"
#include "formats/file_writer.h"
#include "importer/roles.h"
#include "importer/source_dataset.h"
#include "pipeline/cleaned_version.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/dataset_versions.h"

#include <chrono>

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

Status writeGroups(const std::string& path, const std::vector<cleaner::DuplicateGroup>& groups)
{
    ATTUNE_TRY(auto out, formats::FileWriter::create(absolutePath(path)));
    for (const auto& group : groups)
        out.write(toLine(Json {{"keep", group.keep}, {"drop", group.drop}, {"similarity", group.similarity}}) + "\n");
    return out.commit();
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
        row.info = infoOfImport(report.header, row.folder);
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
        cleaner::Step step {"dedupe", {{"method", cleaner::methodName(options.method)}, {"keep", options.keep == cleaner::Keep::First ? "first" : "longest"}}};
        if (options.method == cleaner::DuplicateMethod::Near)
            step.options["threshold"] = options.threshold;
        if (!options.columns.empty())
            step.options["columns"] = options.columns;
        ATTUNE_TRY(const auto made, addCleaned(store, row.name, row, {step}, kept, data->columns(), {{step.type, report.rowsIn, report.rowsOut, 0, stopwatch.seconds()}}));
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
    ATTUNE_TRY(const auto made, addCleaned(store, as.empty() ? row.name : as, row, steps, result.selection, chain.columns(), result.reports));
    return CleanReport {std::move(result.reports), fmt::format("{}@{}", made.name, made.version)};
}

Result<CleanReport> setRoles(store::Store& store, const std::string& dataset, const std::map<std::string, std::string>& roles, const JobContext& context)
{
    ATTUNE_TRY(const auto row, changeable(store, dataset));
    ATTUNE_TRY(const auto data, openVersion(row, {}));
    auto columns = data->columns();
    ATTUNE_RETURN_IF_ERROR(importer::applyRoles(columns, roles));
    return cleanDataset(store, dataset, {cleaner::Step {"set_roles", {{"map", roles}}}}, {}, {}, context);
}

Result<cleaner::Step> editStep(const importer::Dataset& data, std::int64_t row, const std::string& column, const Json& value)
{
    importer::Row cells;
    ATTUNE_RETURN_IF_ERROR(data.read(row, cells));
    const auto& columns = data.columns();
    if (std::none_of(columns.begin(), columns.end(), [&](const auto& c) { return c.name == column; }))
        return fail(ErrorCode::Usage, fmt::format("There is no column \"{}\".", column), "attune data stats shows the columns.");
    return cleaner::Step {"edit", {{"row_hash", cleaner::rowHash(cells).hex()}, {"column", column}, {"value", value}}};
}

Result<CleanReport> editRow(store::Store& store, const std::string& dataset, std::int64_t row, const std::string& column, const Json& value, const JobContext& context)
{
    ATTUNE_TRY(const auto version, changeable(store, dataset));
    ATTUNE_TRY(const auto data, openVersion(version, {}));
    ATTUNE_TRY(auto step, editStep(*data, row, column, value));
    return cleanDataset(store, dataset, {std::move(step)}, {}, {}, context);
}

}
