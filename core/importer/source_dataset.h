// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "importer/dataset.h"
#include "importer/index.h"

#include <memory>
#include <mutex>
#include <optional>

namespace attune::importer {

/// Where a row stands in its source.
struct SourcePlace {
    std::string path;
    std::int64_t line = 0;  ///< from 1; 0 where the file has no lines (Parquet)
};

/// A dataset as it was imported: rows parsed on demand from the mapped source, in a few microseconds.
/// Whether the source is still what was imported is checked at the first read.
class SourceDataset : public Dataset
{
public:
    /// folder: where importFiles() put the index. Errors: FileMissing, FileCorrupt.
    static Result<std::shared_ptr<const SourceDataset>> open(const std::string& name, const std::string& folder);

    const std::string& name() const override { return m_name; }
    std::int64_t rows() const override { return m_index.rows(); }
    const std::vector<Column>& columns() const override { return m_index.header().columns; }
    Result<Json> values(std::int64_t row) const override;
    Result<Record> record(std::int64_t row) const override;
    Status read(std::int64_t row, Row& out) const override;
    std::string contentHash() const override;
    bool isConversational() const override;

    const IndexHeader& header() const { return m_index.header(); }
    /// Counts lines up to the row: not for the thread of a window. Errors: those of reading.
    Result<SourcePlace> placeOf(std::int64_t row) const;
    /// Opens the sources and checks them. Errors: SourceChanged, FileCorrupt, those of opening.
    Status verify() const;

private:
    SourceDataset() = default;
    Status openBody(std::size_t file) const;

    std::string m_name, m_folder;
    DatasetIndex m_index;
    mutable std::once_flag m_opened;
    mutable std::optional<Error> m_problem;
    mutable std::vector<MappedFile> m_bodies;
    std::vector<const Source*> m_formats;
};

/// The row's values by column name, absent ones left out.
Json valuesOf(const Row& row, const std::vector<Column>& columns);
Error rowOutOfRange(std::int64_t row, std::int64_t rows);

}
