// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/parquet_export.h"

#include "formats/file_writer.h"
#include "formats/parquet.h"
#include "pipeline/dataset_export.h"

namespace attune::pipeline {
namespace {

constexpr std::int64_t kCheckRows = 1024;
constexpr std::size_t kGroupRows = 20'000, kGroupBytes = std::size_t(64) << 20;

Status keepsOn(std::string phase, std::int64_t row, std::int64_t rows, const JobContext& context)
{
    if (row % kCheckRows != 0)
        return {};
    context.report(std::move(phase), static_cast<std::uint64_t>(row), static_cast<std::uint64_t>(rows));
    if (context.isCancelled())
        return fail(ErrorCode::Cancelled, "The export was cancelled.", "Nothing was written.");
    return {};
}

Result<std::vector<formats::ParquetColumn>> typesOf(const importer::Dataset& data, const std::string& style, const std::vector<std::string>& names, const JobContext& context)
{
    formats::ParquetType all;
    for (const auto& name : names)
        all.fields.push_back({name, {}});
    all.kind = formats::ParquetType::Kind::Object;
    for (std::int64_t row = 0; row < data.rows(); ++row) {
        ATTUNE_RETURN_IF_ERROR(keepsOn("Looking at types", row, data.rows(), context));
        ATTUNE_TRY(const auto values, rowInStyle(data, row, style));
        if (!values.empty())
            all.add(values);
    }
    if (all.kind != formats::ParquetType::Kind::Object)
        return fail(ErrorCode::Unsupported, "The rows have too many columns for Parquet.", "Use .jsonl.");
    std::vector<formats::ParquetColumn> columns;
    for (auto& [name, type] : all.fields)
        columns.push_back({name, std::move(type)});
    return columns;
}

}

Status writeParquet(const importer::Dataset& data, const std::string& path, const std::string& style, const std::vector<std::string>& names, const JobContext& context)
{
    ATTUNE_TRY(const auto* library, formats::openParquet());
    ATTUNE_TRY(const auto columns, typesOf(data, style, names, context));
    ATTUNE_TRY(auto file, formats::FileWriter::create(path));
    ATTUNE_TRY(auto writer, library->create(columns, [&file](std::string_view bytes) { file.write(bytes); }));
    std::vector<Json> group;
    std::size_t bytes = 0;
    for (std::int64_t row = 0; row < data.rows() && !file.hasFailed(); ++row) {
        ATTUNE_RETURN_IF_ERROR(keepsOn("Writing rows", row, data.rows(), context));
        ATTUNE_TRY(auto values, rowInStyle(data, row, style));
        for (const auto& [name, value] : values.items())
            bytes += value.is_string() ? value.get_ref<const std::string&>().size() : value.is_structured() ? 1000 : 16;
        group.push_back(std::move(values));
        if (group.size() < kGroupRows && bytes < kGroupBytes)
            continue;
        ATTUNE_RETURN_IF_ERROR(writer->write(group));
        group.clear();
        bytes = 0;
    }
    if (!group.empty())
        ATTUNE_RETURN_IF_ERROR(writer->write(group));
    ATTUNE_RETURN_IF_ERROR(writer->finish());
    return file.commit();
}

}
