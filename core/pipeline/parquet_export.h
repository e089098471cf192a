// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "importer/dataset.h"

#include <string>
#include <vector>

namespace attune::pipeline {

/// Writes the rows as Parquet, in two passes: one over all values for the columns' types, one to write. Conversations
/// become lists of structs; columns in which values of several kinds meet become JSON text, which an import turns back.
/// columns: their order; others follow as they come. Errors: Unsupported (no Parquet library), DiskFull, DiskWrite, Cancelled.
Status writeParquet(const importer::Dataset& data, const std::string& path, const std::string& style, const std::vector<std::string>& columns, const JobContext& context);

}
