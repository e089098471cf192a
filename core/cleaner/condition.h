// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/rule.h"

namespace attune::cleaner {

/// Whether a value satisfies a condition; for the filter step and for filters over a table.
using Condition = std::function<bool(const Cell&)>;

/// op: == != < <= > >= contains not_contains matches in. Both sides are compared as numbers where both
/// are numbers, as text otherwise; a missing value equals null only.
/// Errors: FileCorrupt (unknown op, wrong pattern).
Result<Condition> makeCondition(const std::string& op, const Json& value);
std::vector<OptionChoice> conditionChoices();

}
