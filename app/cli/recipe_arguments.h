// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/command.h"
#include "pipeline/recipe.h"

#include <memory>
#include <string>
#include <vector>

namespace attune::cli {

/// Applies `--set key=value` arguments in order. Errors: Usage without a '=', RecipeKey, RecipeValue.
Status applySettings(pipeline::Recipe& recipe, const std::vector<std::string>& settings);

/// RECIPE and --set of a command that works on one recipe.
struct RecipeArguments {
    std::string path;
    std::vector<std::string> set;

    Result<pipeline::Recipe> read() const;
};
std::shared_ptr<RecipeArguments> addRecipeArguments(CLI::App& app);

}
