// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/options.h"
#include "families/model_spec.h"

#include <span>
#include <string>
#include <vector>

namespace attune::methods {

/// Reads option values of a method by name ("r", "lora_alpha"); the recipe fills it.
using Values = Json;  ///< object: option name -> canonical value

/// One fine-tuning method as data: what the form shows and the planner counts. core/peft holds the
/// file of the same stem that applies it; a test compares the two lists.
struct Method {
    std::string id {};           ///< recipe: method.type
    std::string displayName {};
    std::string sentence {};     ///< what it does, for the picker, in one sentence
    std::string reference {};
    std::vector<Option> options {};  ///< keys "method.r" …; shared keys may appear in several methods with equal rows
    bool trainsBase = false;      ///< full: optimizer states for the base weights
    /// Trained values for a model; used in the form, recipe check and started events.
    std::int64_t (*trainableParameters)(const std::vector<families::TensorSlot>& slots, const Values& values) = nullptr;
    /// "GGUF adapter, merged GGUF, PEFT folder": said before training.
    std::string (*canBecome)(const families::ModelSpec& spec) = nullptr;
};

std::span<const Method* const> all();
const Method* findById(std::string_view id);

/// The linear slots that method.target_modules chooses: "all-linear" (all but head and embedding, as
/// PEFT), or a list of roles or HF module names (suffixes). Errors: RecipeValue naming what matched nothing.
Result<std::vector<families::TensorSlot>> targetSlots(const std::vector<families::TensorSlot>& slots, const Json& targetModules);

/// Whether a name in rank_pattern, alpha_pattern or modules_to_save means this slot: its role, its module
/// path, the end of that behind a dot, or a regular expression for it, as PEFT matches `(.*\.)?(name)$`.
bool namesSlot(const std::string& name, const families::TensorSlot& slot);
/// r and lora_alpha of a slot after rank_pattern and alpha_pattern.
std::int64_t rankOf(const families::TensorSlot& slot, const Values& values);
double alphaOf(const families::TensorSlot& slot, const Values& values);
/// The slots that modules_to_save trains in full.
std::vector<families::TensorSlot> savedSlots(const std::vector<families::TensorSlot>& slots, const Values& values);

}
