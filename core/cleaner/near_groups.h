// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/duplicates.h"

namespace attune::cleaner {

/// findDuplicates() for near-duplicates: the connected components of the similar pairs, each with its keeper
/// and the similarity of the others to it. texts: the columns that stand for a row.
Result<std::vector<DuplicateGroup>> nearGroups(const RowSource& rows, const DuplicateOptions& options, const std::vector<std::size_t>& texts, const JobContext& context);

}
