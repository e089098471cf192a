// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/convert.h"
#include "pipeline/recipe_yaml.h"

#include <fmt/format.h>

#include <set>
#include <string>

namespace attune::pipeline {

/// The same setting here and there.
struct KeyPair { const char* ours; const char* theirs; };

/// Moves settings over and keeps count of those whose meaning was taken along.
class Converter
{
public:
    explicit Converter(const Recipe& recipe) : m_recipe(recipe) {}

    ConvertedRecipe result;

    template<std::size_t N>
    void map(const KeyPair (&pairs)[N])
    {
        for (const auto& [ours, theirs] : pairs)
            put(theirs, m_recipe.value(ours), {ours});
    }
    void put(const std::string& key, Json value, std::initializer_list<const char*> ours)
    {
        result.config[key] = std::move(value);
        for (const char* name : ours)
            m_covered.insert(name);
    }
    void cover(std::initializer_list<const char*> ours)
    {
        for (const char* name : ours)
            m_covered.insert(name);
    }
    void lose(const char* key, const std::string& why)
    {
        m_covered.insert(key);
        result.unmapped.push_back(fmt::format("{}: {}", key, why));
    }

    /// Settings that differ from their defaults and that nothing above spoke of.
    void finish()
    {
        for (const auto& option : recipeSchema().options())
            if (!m_covered.contains(option.key) && m_recipe.isVisible(option) && !m_recipe.isDefault(option.key))
                result.unmapped.push_back(fmt::format("{} = {}: has no counterpart.", option.key, yamlScalar(m_recipe.value(option.key))));
    }

private:
    const Recipe& m_recipe;
    std::set<std::string> m_covered {"attune_recipe", "name", "model.base", "model.dtype", "data.train", "data.eval", "data.eval_fraction", "objective.type", "method.type"};
};

/// Whether a recipe's rows are pairs of answers, or answers marked good or bad.
bool isPreference(const Recipe& recipe);

// What the objective is called elsewhere, with its options; settings without a counterpart are named as lost. Each gives the
// command that starts such a training there.
std::string putTrlObjective(Converter& c, const Recipe& recipe);
void putAxolotlObjective(Converter& c, const Recipe& recipe);
void putLlamaFactoryObjective(Converter& c, const Recipe& recipe);

/// Which key of the trainer turns on DoRA, 4 and 8 bits; methods other than LoRA and full are named as lost, but for what
/// the trainer has.
void putMethod(Converter& c, const Recipe& recipe, const std::string& target);

}
