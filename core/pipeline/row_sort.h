// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/row_facts.h"

namespace attune::pipeline {

/// Sorts positions of a version's rows by "#", "tokens", "turns", "prompt", "answer" or "column:NAME"; equal ones keep
/// their order, missing values come last. Texts are compared by their first 16 bytes in lower case.
/// Errors: Usage (unknown field), those of reading, Cancelled.
Status sortRows(const importer::Dataset& data, const RowFacts* facts, const std::string& by, bool isDescending, std::vector<std::uint32_t>& rows, const JobContext& context);

}
