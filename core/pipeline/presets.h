// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/model_source.h"
#include "pipeline/recipe.h"

#include <span>
#include <string>
#include <vector>

namespace attune::pipeline {

/// A start for a recipe, named for its purpose: a part of a recipe and the models it is meant for. One file in
/// resources/presets each; its number orders the list, the rest of its name is the id.
struct Preset {
    std::string id;        ///< "small-chat-lora"
    std::string name;      ///< "Small chat model, LoRA"
    std::string sentence;
    std::vector<families::Architecture> kinds;  ///< of models
    std::vector<std::string> families;          ///< empty: all of those kinds
    std::int64_t leastParameters = 0, mostParameters = 0;  ///< 0: no limit
    std::vector<std::string> keys;              ///< the settings that it names
    Recipe recipe;                              ///< defaults with the preset's settings

    /// The preset with what is a user's own: name, model, adapter, datasets, device, teacher, labels, prompts.
    Recipe applyTo(const Recipe& current) const;
    /// Whether it is meant for a model of this kind, family and size (0: not known).
    bool suits(families::Architecture kind, const std::string& family, std::int64_t parameters) const;
};

/// All presets that the program brings, in the order of their files.
std::span<const Preset> presets();
/// Errors: Usage with the nearest name.
Result<const Preset*> findPreset(const std::string& id);

/// Reads one preset's text. Errors: RecipeSyntax, RecipeKey, RecipeValue. (A test reads every file.)
Result<Preset> parsePreset(const std::string& id, const std::string& text);

/// The settings in which two recipes differ and that matter to the second: of keys a preset can set.
std::vector<std::string> changedKeys(const Recipe& preset, const Recipe& recipe);

/// Whether a setting is a user's own: presets leave it alone.
bool isOwnKey(const std::string& key);

}
