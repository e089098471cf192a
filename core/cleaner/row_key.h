// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/hash.h"
#include "cleaner/rule.h"

#include <string>
#include <vector>

namespace attune::cleaner {

/// The row as bytes that are equal exactly when the rows are: kind, length and content of each cell. Null
/// and absent are one thing, null and "" are two; numbers are equal as values, lists and objects as JSON.
void exactKey(const Row& row, const std::vector<std::size_t>& columns, std::string& key);

/// XXH3-128 of the exact key of all cells: what an edit names its row by.
Hash128 rowHash(const Row& row);

/// Errors: FileCorrupt unless the text is 32 hexadecimal digits.
Result<Hash128> hashFromHex(const std::string& text);

}
