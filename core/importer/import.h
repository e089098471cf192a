// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "importer/index.h"
#include "importer/source.h"

#include <string>
#include <vector>

namespace attune::importer {

constexpr const char* kIndexFile = "index.bin";

/// Reads files (folders stand for the files in them) and writes the index, and copies where copies
/// are needed, into `folder`. The sources are only read. On an error nothing of worth is in the folder.
/// Errors: FileMissing, FileUnreadable, FormatUnknown, Unsupported, DatasetEmpty, Usage (roles), DiskFull, Cancelled.
Result<IndexHeader> importFiles(const std::vector<std::string>& paths, const std::string& folder, const ImportOptions& options, const JobContext& context);

/// The files that paths stand for: folders are replaced by the files in them, hidden ones left out; sorted within a
/// folder. Errors: DatasetEmpty (an empty folder), Unsupported (too many files).
Result<std::vector<std::string>> filesIn(const std::vector<std::string>& paths);

/// The format that fits the head best; null if none does.
const Source* detectSource(const Head& head);
/// Errors: FormatUnknown, DatasetEmpty for an empty file, Usage for an unknown options.format.
Result<const Source*> chooseSource(const Head& head, const std::string& path, const ImportOptions& options);
/// Columns with types of several files, joined in order of appearance.
std::vector<Column> joinColumns(const std::vector<FileIndex>& files);
/// Modification time in nanoseconds; 0 if there is none.
std::int64_t modifiedTime(const std::string& path);

}
