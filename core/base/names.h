// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace attune {

/// Dataset, model and run names: letters, digits, '.', '_', '-', at most 100, not "." or "..".
bool isValidName(std::string_view name);
/// Errors: BadName, naming the name and what is allowed. kind: "dataset", "model", "run".
Status checkName(std::string_view name, std::string_view kind);
/// A valid name made from any text (a file's stem): forbidden characters become '-'.
std::string toName(std::string_view text);

}
