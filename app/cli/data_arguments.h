// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <map>
#include <string>
#include <vector>

namespace attune::cli {

/// "prompt=question": role first, as the contract says. Errors: Usage.
Status readRoleMap(const std::vector<std::string>& entries, std::map<std::string, std::string>& roles);

}
