// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/file.h"
#include "cleaner/steps.h"

#include <span>

namespace attune::cleaner {

/// Row numbers on disk, mapped: which rows of a base a version or a split holds, in which order.
/// Little-endian: 8 bytes "ATTUNERS", u64 count, u32 row[count]; u64 rows where the magic is "ATTUNERL".
class RowList
{
public:
    /// Errors: FileMissing, FileCorrupt.
    static Result<RowList> open(const std::string& path);
    static Status write(const std::string& path, const Selection& rows);
    std::int64_t size() const { return m_count; }
    std::int64_t operator[](std::int64_t i) const { return m_wide.empty() ? m_rows[static_cast<std::size_t>(i)] : static_cast<std::int64_t>(m_wide[static_cast<std::size_t>(i)]); }

private:
    MappedFile m_file;
    std::span<const std::uint32_t> m_rows;
    std::span<const std::uint64_t> m_wide;
    std::int64_t m_count = 0;
};

/// A dataset whose rows are another one's. Row numbers for people are those of the import, the same in all versions.
class DerivedDataset : public importer::Dataset
{
public:
    /// Which row of the import this is.
    virtual std::int64_t sourceRow(std::int64_t row) const = 0;
};
/// Of any dataset: an import's rows are their own source.
std::int64_t sourceRow(const importer::Dataset& data, std::int64_t row);

/// An imported dataset behind its cleaning steps: rows picked by a list, edits done again at each read
/// (they are quick and the original stays the only copy).
class CleanedDataset : public DerivedDataset
{
public:
    /// rows: null = all of base. hash: of what the steps and the list are.
    CleanedDataset(std::string name, importer::DatasetPtr base, std::shared_ptr<const RowList> rows, StepChain chain, std::string hash);

    const std::string& name() const override { return m_name; }
    std::int64_t rows() const override { return m_rows ? m_rows->size() : m_base->rows(); }
    const std::vector<Column>& columns() const override { return m_chain.columns(); }
    Result<Json> values(std::int64_t row) const override;
    Result<importer::Record> record(std::int64_t row) const override;
    Status read(std::int64_t row, Row& out) const override;
    std::int64_t sourceRow(std::int64_t row) const override { return cleaner::sourceRow(*m_base, m_rows && row >= 0 && row < m_rows->size() ? (*m_rows)[row] : row); }
    std::string contentHash() const override { return m_hash; }
    bool isConversational() const override;

private:
    std::string m_name;
    importer::DatasetPtr m_base;
    std::shared_ptr<const RowList> m_rows;
    StepChain m_chain;
    std::string m_hash;
};

/// A dataset as the rows that a step works on.
class DatasetRows : public RowSource
{
public:
    explicit DatasetRows(const importer::Dataset& data)
        : m_data(data)
    {
    }
    std::int64_t rows() const override { return m_data.rows(); }
    const std::vector<Column>& columns() const override { return m_data.columns(); }
    Status read(std::int64_t row, Row& out) const override { return m_data.read(row, out); }

private:
    const importer::Dataset& m_data;
};

}
