// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "importer/source.h"

namespace attune::importer {

/// The rows of delimited text, found by several threads at once; broken ones are listed and left out.
/// Errors: FormatUnknown (too many columns), Cancelled.
Result<FileIndex> indexCsv(const Body& body, const ImportOptions& options, const JobContext& context);

}
