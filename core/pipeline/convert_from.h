// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/recipe.h"

#include <string>
#include <vector>

namespace attune::pipeline {

/// A recipe made from another program's configuration.
struct ReadRecipe {
    Recipe recipe;
    std::vector<std::string> unmapped;  ///< their keys whose meaning is lost, each with a sentence
};

/// The configurations that are read: axolotl (its YAML), peft (an adapter's folder or its adapter_config.json).
std::vector<std::string> conversionSources();

/// Errors: Usage for an unknown source, FileMissing, RecipeSyntax for what is no YAML or JSON, RecipeValue where it is no such
/// configuration.
Result<ReadRecipe> readForeignRecipe(const std::string& path, const std::string& source);

}
