// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/file.h"
#include "importer/dataset.h"
#include "importer/source.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace attune::importer {

/// One source file of a dataset, as the index keeps it.
struct SourceFile {
    std::string path;              ///< absolute
    std::uint64_t bytes = 0;
    std::int64_t modified = 0;     ///< nanoseconds since 1970; a cheap first look for changes
    std::string hash;              ///< XXH3-128, 32 digits
    std::string body;              ///< file in the index's folder that is read instead (copy, expanded, converted), or empty
    std::uint64_t bodyBytes = 0;   ///< of the file that is read
    std::string encoding, compression;
    Layout layout;                 ///< columns are the dataset's
    std::int64_t firstRow = 0, rows = 0;
};

/// Everything about an imported dataset but the places of its rows.
struct IndexHeader {
    std::vector<SourceFile> sources;
    std::vector<Column> columns;
    std::string sentence;          ///< how sure the roles are
    std::string style;
    double confidence = 0;
    std::int64_t rows = 0, skipped = 0;
    std::vector<Problem> problems;

    Json toJson() const;
    /// Errors: FileCorrupt.
    static Result<IndexHeader> fromJson(const Json& json);
};

/// The index of a dataset on disk, mapped. Layout, little-endian:
///   8 bytes "ATTUNEIX", u32 version 1, u32 header bytes, header (JSON, padded with spaces to 8),
///   u64 begin[rows] (byte in its body), u32 length[rows].
/// Rows of several files follow each other in the order of header.sources.
class DatasetIndex
{
public:
    /// Errors: FileMissing, FileCorrupt (every length is checked).
    static Result<DatasetIndex> open(const std::string& path);
    /// Errors: DiskFull, DiskWrite.
    static Status write(const std::string& path, const IndexHeader& header, const std::vector<FileIndex>& files);

    const IndexHeader& header() const { return m_header; }
    std::int64_t rows() const { return m_header.rows; }
    std::uint64_t begin(std::int64_t row) const { return m_begins[static_cast<std::size_t>(row)]; }
    std::uint32_t length(std::int64_t row) const { return m_lengths[static_cast<std::size_t>(row)]; }
    /// Which source file a row lies in.
    std::size_t fileOf(std::int64_t row) const;

private:
    MappedFile m_file;
    IndexHeader m_header;
    std::span<const std::uint64_t> m_begins;
    std::span<const std::uint32_t> m_lengths;
};

Json toJson(const std::vector<Problem>& problems);
Json toJson(const std::vector<Column>& columns);  ///< [{name, type, role}]
std::vector<Column> columnsFromJson(const Json& json);

}
