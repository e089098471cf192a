// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/rule.h"

namespace attune::cleaner {

/// Rows by the value of one column, in order of first appearance; rows ascend. A missing value is a class.
struct Classes {
    std::vector<std::string> values;
    std::vector<Selection> members;
};
/// Errors: those of reading, Cancelled.
Result<Classes> classesOf(const RowSource& rows, std::size_t column, const JobContext& context);

}
