// SPDX-License-Identifier: GPL-3.0-or-later
#include "importer/source_dataset.h"

#include "base/hash.h"
#include "base/log.h"
#include "importer/dataset_name.h"
#include "importer/import.h"
#include "importer/roles.h"

#include <algorithm>

namespace attune::importer {
namespace {

/// dataset: with its version, which the sentences leave out: all versions of an import read the same file.
Error sourceGone(const std::string& dataset, const SourceFile& source)
{
    return fail(ErrorCode::SourceChanged, fmt::format("The file {} of the dataset {} is gone.", source.path, plainName(dataset)),
        "Put it back, or import it from its new place with --replace.");
}

Error sourceChanged(const std::string& dataset, const SourceFile& source, const std::string& hashNow)
{
    // What was compared helps who looks into it; in the sentence it would only be in the way.
    logInfo("{}: XXH3-128 was {} at import, is {}", source.path, source.hash, hashNow);
    return fail(ErrorCode::SourceChanged, fmt::format("The file {} of the dataset {} has changed since it was imported.", source.path, plainName(dataset)),
        "Put the old file back, or import it again with --replace.");
}

}

Error rowOutOfRange(std::int64_t row, std::int64_t rows)
{
    return fail(ErrorCode::Usage, fmt::format("There is no row {}; the dataset has {} rows, counted from 0.", row, rows), "Give a smaller number.");
}

Json valuesOf(const Row& row, const std::vector<Column>& columns)
{
    Json values = Json::object();
    for (std::size_t c = 0; c < columns.size() && c < row.size(); ++c)
        if (row[c].kind != Cell::Kind::Absent)
            values[columns[c].name] = toJson(row[c]);
    return values;
}

Status Dataset::read(std::int64_t row, Row& out) const
{
    ATTUNE_TRY(const Json json, values(row));
    out.reset(columns().size());
    for (std::size_t c = 0; c < columns().size(); ++c)
        if (const auto it = json.find(columns()[c].name); it != json.end())
            setCell(out, c, *it);
    return {};
}

Result<std::shared_ptr<const SourceDataset>> SourceDataset::open(const std::string& name, const std::string& folder)
{
    std::shared_ptr<SourceDataset> dataset(new SourceDataset);
    dataset->m_name = name;
    dataset->m_folder = folder;
    ATTUNE_TRY(dataset->m_index, DatasetIndex::open(folder + "/" + kIndexFile));
    for (const auto& source : dataset->header().sources) {
        const Source* format = findSource(source.layout.format);
        if (!format)
            return fail(ErrorCode::Unsupported, fmt::format("This version cannot read the format \"{}\".", source.layout.format), "Use the version that imported the dataset.");
        dataset->m_formats.push_back(format);
    }
    return std::shared_ptr<const SourceDataset>(std::move(dataset));
}

Status SourceDataset::openBody(std::size_t number) const
{
    const SourceFile& source = header().sources[number];
    const std::string path = source.body.empty() ? source.path : m_folder + "/" + source.body;
    auto body = MappedFile::open(path);
    if (!body && source.body.empty() && body.error().code == ErrorCode::FileMissing)
        return sourceGone(m_name, source);
    if (!body)
        return body.error();
    // A copy in the workspace is ours; the source itself may have been edited.
    if (source.body.empty() && (body->size() != source.bytes || modifiedTime(path) != source.modified))
        if (const std::string now = hash128(body->text()).hex(); now != source.hash)
            return sourceChanged(m_name, source, now);
    if (body->size() != source.bodyBytes)
        return fail(ErrorCode::FileCorrupt, fmt::format("{} has {} bytes instead of {}.", path, body->size(), source.bodyBytes), "Import the dataset again with --replace.");
    m_bodies[number] = std::move(*body);
    return {};
}

Status SourceDataset::verify() const
{
    std::call_once(m_opened, [this] {
        m_bodies.resize(header().sources.size());
        for (std::size_t i = 0; i < m_bodies.size() && !m_problem; ++i)
            if (auto status = openBody(i); !status)
                m_problem = status.error();
    });
    if (m_problem)
        return *m_problem;
    return {};
}

Status SourceDataset::read(std::int64_t row, Row& out) const
{
    if (row < 0 || row >= rows())
        return rowOutOfRange(row, rows());
    ATTUNE_RETURN_IF_ERROR(verify());
    const std::size_t file = m_index.fileOf(row);
    const std::string_view text = m_bodies[file].text();
    const std::uint64_t begin = m_index.begin(row), length = m_index.length(row);
    if (begin > text.size() || length > text.size() - begin)
        return fail(ErrorCode::FileCorrupt, fmt::format("Row {} lies outside of {}.", row, header().sources[file].path), "Import the dataset again with --replace.");
    if (!m_formats[file]->read(text.substr(begin, length), header().sources[file].layout, out))
        return fail(ErrorCode::SourceChanged, fmt::format("Row {} of {} is not what it was at import.", row, header().sources[file].path), "Import the dataset again with --replace.");
    return {};
}

Result<SourcePlace> SourceDataset::placeOf(std::int64_t row) const
{
    if (row < 0 || row >= rows())
        return rowOutOfRange(row, rows());
    ATTUNE_RETURN_IF_ERROR(verify());
    const std::size_t file = m_index.fileOf(row);
    const SourceFile& source = header().sources[file];
    const std::string_view before = m_bodies[file].text().substr(0, std::min<std::size_t>(m_index.begin(row), m_bodies[file].text().size()));
    const bool hasLines = source.layout.format != "parquet";
    return SourcePlace {source.path, hasLines ? std::count(before.begin(), before.end(), '\n') + 1 : 0};
}

Result<Json> SourceDataset::values(std::int64_t number) const
{
    thread_local Row row;
    ATTUNE_RETURN_IF_ERROR(read(number, row));
    return valuesOf(row, columns());
}

Result<Record> SourceDataset::record(std::int64_t number) const
{
    thread_local Row row;
    ATTUNE_RETURN_IF_ERROR(read(number, row));
    return toRecord(row, columns(), number);
}

std::string SourceDataset::contentHash() const
{
    // The row count stands for the options that decide what a row is.
    Json facts {{"columns", toJson(columns())}, {"rows", rows()}};
    for (const auto& source : header().sources)
        facts["sources"].push_back({source.hash, source.layout.format, source.rows, source.encoding, source.layout.positions});
    return hash128(toLine(facts)).hex();
}

bool SourceDataset::isConversational() const
{
    return hasConversation(columns());
}

}
