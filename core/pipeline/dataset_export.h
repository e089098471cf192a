// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "importer/dataset.h"

#include <string>

namespace attune::pipeline {

struct DataExportReport {
    std::string path;
    std::int64_t rows = 0;
    std::uint64_t bytes = 0;
};

/// Writes the rows into one file; its suffix chooses the format: .jsonl .json .csv .tsv .txt, plus .gz or
/// .zst, or .parquet. style: columns messages alpaca sharegpt prompt-completion preference text.
/// Errors: RoleMissing (naming it) for a style that the roles cannot give, Usage (suffix, style),
/// Unsupported (no Parquet library), FileMissing (no such folder), DiskFull, DiskWrite, Cancelled.
Result<DataExportReport> exportDataset(const importer::Dataset& data, const std::string& path, const std::string& style, const JobContext& context);

/// The row in a style, as an object whose keys are the columns of a table. Errors: RoleMissing.
Result<Json> rowInStyle(const importer::Dataset& data, std::int64_t row, const std::string& style);
/// Errors: Usage (unknown style), RoleMissing.
Status checkStyle(const importer::Dataset& data, const std::string& style);

}
