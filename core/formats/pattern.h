// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace attune::formats {

/// PEFT's matching of rank_pattern and alpha_pattern: the key is a regular expression that must match
/// the whole module path or its end behind a dot, `(.*\.)?(KEY)$`. Patterns come from files, so
/// matching gives up (false) after a bounded number of steps.
bool matchesModulePattern(std::string_view key, std::string_view module);

/// Whether the expression matches the whole module path (PEFT's target_modules as a single text).
bool matchesWhole(std::string_view expression, std::string_view module);

}
