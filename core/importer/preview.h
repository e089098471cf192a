// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "importer/dataset.h"
#include "importer/roles.h"
#include "importer/source.h"

#include <string>
#include <vector>

namespace attune::importer {

/// What an import of a file would give, from its first two megabytes: for the import page, which asks
/// again whenever a setting changes. Takes milliseconds whatever the file's size.
struct Preview {
    std::string path;
    std::string format, formatName;        ///< "csv", "Delimited text (CSV)"
    std::string encoding;                  ///< "UTF-8", "UTF-16 LE", "Windows-1252" …
    std::string compression;               ///< "", "gzip", "zstd"
    std::string delimiter;                 ///< CSV only
    std::uint64_t bytes = 0;               ///< of the file
    bool isWhole = false;                  ///< the file was short enough to be read completely
    std::int64_t rows = 0;                 ///< rows in what was read
    std::int64_t estimatedRows = 0;        ///< of the whole file
    std::int64_t skipped = 0;
    std::vector<Problem> problems;
    std::vector<Column> columns;           ///< with types and the roles proposed
    RoleGuess roles;                       ///< with the sentence that says how sure
    std::vector<Json> values;              ///< the first rows, by column
    std::vector<Record> records;           ///< the same rows in the shape that the roles give
};

/// Errors: as for import (FileMissing, FileUnreadable, FormatUnknown, DatasetEmpty …). Any thread.
Result<Preview> previewFile(const std::string& path, const ImportOptions& options, std::size_t rows = 20);

/// Other roles for the same rows: what a drop-down in the header changes.
Result<std::vector<Record>> recordsWith(const Preview& preview, const std::vector<Column>& columns);

}
