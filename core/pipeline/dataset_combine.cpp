// SPDX-License-Identifier: GPL-3.0-or-later
// Combining: rows of several datasets, weighted, written as one JSONL file into the new dataset's folder. A copy, so
// that the new dataset does not depend on the versions it came from.
#include "base/file.h"
#include "base/names.h"
#include "cleaner/random.h"
#include "formats/file_writer.h"
#include "importer/roles.h"
#include "pipeline/dataset_export.h"
#include "pipeline/dataset_jobs.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/dataset_versions.h"

#include <chrono>
#include <cmath>

namespace attune::pipeline {
namespace {

constexpr const char* kFile = "rows.jsonl";

/// One row of one part.
struct Place {
    std::uint32_t part = 0;
    std::int64_t row = 0;
};

Status checkOptions(store::Store& store, const CombineOptions& options, const std::string& name)
{
    ATTUNE_RETURN_IF_ERROR(checkName(name, "dataset"));
    ATTUNE_TRY(const auto existing, store.dataset(name));
    if (existing)
        return fail(ErrorCode::DatasetExists, fmt::format("There is already a dataset \"{}\".", name), "Choose another name with --as.");
    if (options.datasets.empty() || (!options.weights.empty() && options.weights.size() != options.datasets.size()))
        return fail(ErrorCode::Usage, fmt::format("{} weights for {} datasets.", options.weights.size(), options.datasets.size()), "Give one weight per dataset, or none.");
    for (const double weight : options.weights)
        if (!(weight >= 0 && weight <= 1000))
            return fail(ErrorCode::Usage, fmt::format("{} is no weight.", weight), "A weight is a number from 0 to 1000: 2 takes every row twice, 0.5 half of the rows.");
    return {};
}

/// Whole rounds of all rows, then a drawn share in order.
std::vector<Place> placesOf(const std::vector<importer::DatasetPtr>& parts, const CombineOptions& options)
{
    std::vector<Place> places;
    cleaner::Random random(options.seed);
    for (std::size_t p = 0; p < parts.size(); ++p) {
        const double weight = options.weights.empty() ? 1 : options.weights[p];
        const std::int64_t rows = parts[p]->rows();
        const auto rounds = static_cast<std::int64_t>(weight);
        for (std::int64_t round = 0; round < rounds; ++round)
            for (std::int64_t row = 0; row < rows; ++row)
                places.push_back({static_cast<std::uint32_t>(p), row});
        std::vector<std::int64_t> drawn(static_cast<std::size_t>(rows));
        for (std::size_t i = 0; i < drawn.size(); ++i)
            drawn[i] = static_cast<std::int64_t>(i);
        random.shuffle(drawn);
        drawn.resize(static_cast<std::size_t>(std::llround((weight - static_cast<double>(rounds)) * static_cast<double>(rows))));
        std::sort(drawn.begin(), drawn.end());
        for (const std::int64_t row : drawn)
            places.push_back({static_cast<std::uint32_t>(p), row});
    }
    if (options.isShuffled)
        random.shuffle(places);
    return places;
}

bool haveEqualColumns(const std::vector<importer::DatasetPtr>& parts)
{
    for (const auto& part : parts) {
        const auto &a = parts.front()->columns(), &b = part->columns();
        if (a.size() != b.size() || !std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) { return x.name == y.name && x.role == y.role; }))
            return false;
    }
    return true;
}

Status writeRows(const std::vector<importer::DatasetPtr>& parts, const std::vector<Place>& places, const std::string& style, const std::string& path, const JobContext& context)
{
    ATTUNE_TRY(auto out, formats::FileWriter::create(path));
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (i % 1000 == 0) {
            if (context.isCancelled())
                return fail(ErrorCode::Cancelled, "Combining was cancelled.", "Nothing was changed.");
            context.report("Combining", i, places.size());
        }
        ATTUNE_TRY(const Json row, rowInStyle(*parts[places[i].part], places[i].row, style));
        out.write(toLine(row) + "\n");
    }
    return out.commit();
}

Json lineage(const std::vector<importer::DatasetPtr>& parts, const CombineOptions& options)
{
    Json list = Json::array();
    for (std::size_t p = 0; p < parts.size(); ++p)
        list.push_back({{"dataset", parts[p]->name()}, {"rows", parts[p]->rows()}, {"hash", parts[p]->contentHash()}, {"weight", options.weights.empty() ? 1 : options.weights[p]}});
    return {{"parts", list}, {"seed", options.seed}, {"shuffled", options.isShuffled}};
}

}

Result<ImportReport> combineDatasets(store::Store& store, const CombineOptions& options, const std::string& name, const JobContext& context)
{
    const auto begin = std::chrono::steady_clock::now();
    ATTUNE_RETURN_IF_ERROR(checkOptions(store, options, name));
    std::vector<importer::DatasetPtr> parts;
    for (const auto& dataset : options.datasets) {
        ATTUNE_TRY(auto part, openDataset(store, dataset, context));
        parts.push_back(std::move(part));
    }
    const bool isSame = haveEqualColumns(parts);
    const std::string style = isSame ? "columns" : "messages";
    for (const auto& part : parts)
        if (auto status = checkStyle(*part, style); !status)
            return status.error().in(part->name());
    const auto places = placesOf(parts, options);
    if (places.empty())
        return fail(ErrorCode::DatasetEmpty, "No row has a weight above 0.", "Give larger weights; nothing was changed.");
    ImportReport report;
    ATTUNE_TRY(report.row, addVersion(store, name, [&](const std::string& folder, store::DatasetRow& row) -> Status {
        const std::string path = folder + "/" + kFile;
        ATTUNE_RETURN_IF_ERROR(writeRows(parts, places, style, path, context));
        importer::ImportOptions reading;
        reading.format = "jsonl";
        reading.copy = true;  // the folder gets its name later: the file is found beside the index
        for (const auto& column : parts.front()->columns())
            if (isSame && column.role != importer::ColumnRole::Ignore)
                reading.roles[std::string(importer::roleName(column.role))] = column.name;
        ATTUNE_TRY(report.header, importer::importFiles({path}, folder, reading, context));
        std::error_code ignored;
        fs::remove(path, ignored);
        row.rows = report.header.rows;
        row.info = infoOfImport(report.header, row.folder);
        row.info["kind"] = "combine";
        row.info["sources"][0]["path"] = row.folder + "/" + report.header.sources[0].body;
        row.info["combined"] = lineage(parts, options);
        return {};
    }));
    for (const auto& source : report.header.sources)
        report.bytes += source.bytes;
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return report;
}

}
