// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string_view>

namespace attune::cleaner {

/// The first byte beyond ASCII from `at` on; the text's size if there is none.
std::size_t firstWide(std::string_view text, std::size_t at);
/// Whether the bytes of `part` stand somewhere in the text; an empty part always does. Time is linear.
bool contains(std::string_view text, std::string_view part);

}
