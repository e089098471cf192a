// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <nlohmann/json.hpp>

#include <string_view>

namespace attune {

/// JSON for everything we write and for small inputs (configs, headers). Keys keep their order.
/// Rows of datasets go through simdjson instead (importer).
using Json = nlohmann::ordered_json;

/// Parses text that may be hostile: at most maxDepth levels (a recursive parser would overflow the
/// stack), no exceptions. Errors: FileCorrupt, with the byte where it stopped.
Result<Json> parseJson(std::string_view text, int maxDepth = 200);
/// Reads and parses a file of at most maxBytes.
Result<Json> readJsonFile(const std::string& path, std::size_t maxBytes = 512u << 20);
/// One line, UTF-8 as it is; bytes that are not UTF-8 become U+FFFD.
std::string toLine(const Json& json);

}
