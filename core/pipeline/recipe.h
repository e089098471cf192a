// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/options.h"

#include <optional>
#include <string>
#include <vector>

namespace attune::pipeline {

/// Every recipe key of recipe.md: the static sections plus the options of all methods and objectives.
const OptionSchema& recipeSchema();

/// A complete, validated recipe: every key has a value. Value type; any thread.
class Recipe
{
public:
    Recipe();  ///< all defaults

    /// Parses YAML or JSON text. All problems are collected: error.details holds them as an array.
    /// baseFolder: what relative paths in it are relative to. Errors: RecipeSyntax, RecipeKey, RecipeValue.
    static Result<Recipe> parse(const std::string& text, const std::string& baseFolder);
    static Result<Recipe> read(const std::string& path);  ///< also RecipeMissing

    /// As --set does: "training.learning_rate=2e-4" or key and value. Errors: RecipeKey, RecipeValue.
    Status set(const std::string& key, const Json& value);
    Status setText(const std::string& key, const std::string& yamlValue);

    /// Whether a run can start from it: base model and dataset are named. Error: RecipeValue.
    Status checkComplete() const;

    const Json& value(std::string_view key) const;  ///< aliases work; LogicError for an unknown key
    std::string text(std::string_view key) const;   ///< "" for null
    double number(std::string_view key) const;
    std::int64_t integer(std::string_view key) const;
    bool boolean(std::string_view key) const;
    bool isDefault(std::string_view key) const;
    /// Whether the option matters with the method and objective chosen.
    bool isVisible(const Option& option) const;
    /// The options of the chosen method by name ("r", "lora_alpha"), as core/methods reads them.
    Json methodValues() const;
    std::string name() const;

    /// Commented YAML with floats as PyYAML reads them (2.0e-04). Only visible keys of the chosen method.
    std::string toYaml() const;
    Json toJson() const;  ///< nested sections

private:
    Json m_values;  ///< flat: dotted key -> value
};

}
