// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attune {

/// Damerau-Levenshtein distance (adjacent transpositions count one).
int editDistance(std::string_view a, std::string_view b);
/// The candidate nearest to what was typed, or empty if none is near enough to be meant.
std::string nearest(std::string_view typed, std::span<const std::string> candidates);

}
