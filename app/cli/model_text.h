// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

#include <cstdint>
#include <string>

namespace attune::cli {

/// The facts of `model info` as lines for people.
std::string modelText(const Json& facts);
/// 134515008 -> "134.5 M".
std::string countText(std::int64_t count);

}
