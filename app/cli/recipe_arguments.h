// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/recipe.h"

#include <string>
#include <vector>

namespace attune::cli {

/// Applies `--set key=value` arguments in order. Errors: Usage without a '=', RecipeKey, RecipeValue.
Status applySettings(pipeline::Recipe& recipe, const std::vector<std::string>& settings);

}
