// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

namespace attune {

/// parseJson into a tree that finds keys fast: objects with very many keys (vocabularies, tensor names)
/// would take quadratic time in Json, which keeps their order. Keys come out sorted.
/// Errors: FileCorrupt, with the byte where it stopped.
Result<nlohmann::json> parseJsonTree(std::string_view text, int maxDepth = 200);

}
