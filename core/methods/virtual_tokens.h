// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "methods/method.h"

namespace attune::methods {

// What prompt, prefix and p_tuning share.

std::int64_t virtualTokens(const Values& values);
/// Width of the small network that makes the virtual tokens; `tokenWidth` where none is given, as PEFT does.
std::int64_t encoderWidth(const Values& values, std::int64_t tokenWidth);
Status checkVirtualTokens(const families::ModelSpec& spec, const Values& values);
std::string virtualTokensBecome(const families::ModelSpec& spec, const Values& values);

}
