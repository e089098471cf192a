// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/options.h"
#include "families/model_source.h"

#include <span>
#include <string>
#include <vector>

namespace attune::methods {

/// Reads option values of a method by name ("r", "lora_alpha"); the recipe fills it.
using Values = Json;  ///< object: option name -> canonical value
/// Row-major, one entry a tensor.
using Shapes = std::vector<std::vector<std::int64_t>>;

/// One fine-tuning method as data: what the form shows and the planner counts. core/peft holds the
/// file of the same stem that applies it; a test compares the two lists.
struct Method {
    std::string id {};           ///< recipe: method.type
    std::string displayName {};
    std::string sentence {};     ///< what it does, for the picker, in one sentence
    std::string reference {};
    std::vector<Option> options {};  ///< keys "method.r" …; shared keys may appear in several methods with equal rows
    bool trainsBase = false;      ///< full: every weight trains, float32 masters for all of them
    bool savesModel = false;      ///< full, freeze: a checkpoint holds a whole model, not an adapter
    bool canQuantise = true;      ///< works on a base of fewer bits (model.quantization)
    bool isAvailable = true;      ///< false: known and counted, but this version cannot train it
    bool keepsTape = false;       ///< its layers cannot be computed again in the backward pass
    std::string lighter {};       ///< id of the method to propose where memory is short; empty: none
    /// The tensors that train: their values are counted, and an optimizer's states depend on their shapes.
    Shapes (*trainedShapes)(const families::ModelSpec& spec, const std::vector<families::TensorSlot>& slots, const Values& values) = nullptr;
    /// Whether the decoder's hand-written passes serve these options (core/peft says the same when it loads); null: never.
    bool (*fitsDecoder)(const Values& values) = nullptr;
    /// Bytes of a token and layer that it keeps on the general network for the backward pass, beside what the layer itself
    /// keeps and what comes out of low-rank matrices; null: nothing.
    std::int64_t (*keptPerToken)(const families::ModelSpec& spec, const std::vector<families::TensorSlot>& slots, const Values& values) = nullptr;
    /// The number of layers, from the output down, that a gradient goes through; null: all.
    std::int64_t (*tapedLayers)(const families::ModelSpec& spec, const Values& values) = nullptr;
    /// "GGUF adapter, merged GGUF, PEFT folder": said before training.
    std::string (*canBecome)(const families::ModelSpec& spec, const Values& values) = nullptr;
    /// Why the method cannot train this model with these values, before anything is loaded; null: it always can.
    Status (*check)(const families::ModelSpec& spec, const std::vector<families::TensorSlot>& slots, const Values& values) = nullptr;

    /// Trained values for a model; used in the form, recipe check and started events.
    std::int64_t trainableParameters(const families::ModelSpec& spec, const std::vector<families::TensorSlot>& slots, const Values& values) const;
};

std::span<const Method* const> all();
const Method* findById(std::string_view id);

/// Whether a method can train this model on weights kept as model.quantization says, before anything is
/// loaded: the form and `recipe check` ask it. Errors: RecipeValue for a value that does not fit,
/// RecipeConflict where method and model or quantisation exclude each other.
Status checkMethod(const families::ModelSource& model, const std::string& method, const Values& values, const std::string& quantization);

/// The linear slots that method.target_modules chooses: "all-linear" (all but heads and embeddings, as
/// PEFT), or a list of roles or HF module names (suffixes), which may name embeddings too. Errors:
/// RecipeValue naming what matched nothing.
Result<std::vector<families::TensorSlot>> targetSlots(const std::vector<families::TensorSlot>& slots, const Json& targetModules);

/// Whether a name in rank_pattern, alpha_pattern or modules_to_save means this slot: its role, its module
/// path, the end of that behind a dot, or a regular expression for it, as PEFT matches `(.*\.)?(name)$`.
bool namesSlot(const std::string& name, const families::TensorSlot& slot);
/// r and lora_alpha of a slot after rank_pattern and alpha_pattern.
std::int64_t rankOf(const families::TensorSlot& slot, const Values& values);
double alphaOf(const families::TensorSlot& slot, const Values& values);
/// The slots that modules_to_save trains in full.
std::vector<families::TensorSlot> savedSlots(const std::vector<families::TensorSlot>& slots, const Values& values);
/// Whether the module of this slot is among method.feedforward_modules: its IA3 vector scales the input.
bool isFeedForward(const families::TensorSlot& slot, const Values& values);
/// Width of a bottleneck adapter: the model's divided by reduction_factor, at least 1.
std::int64_t bottleneckWidth(const families::ModelSpec& spec, const Values& values);
/// "model.layers.0.self_attn.q_proj" of "model.layers.0.self_attn.q_proj.weight" or ".bias".
std::string_view modulePath(const families::TensorSlot& slot);
/// Biases of every layer, in the order of the slots; none where only a head has any.
std::vector<families::TensorSlot> biasSlots(const std::vector<families::TensorSlot>& slots);
/// Weights and biases of the norms.
std::vector<families::TensorSlot> normSlots(const std::vector<families::TensorSlot>& slots);
/// What `freeze` trains: the last train_layers layers, and embeddings with the head or norms where asked for.
std::vector<families::TensorSlot> unfrozenSlots(const families::ModelSpec& spec, const std::vector<families::TensorSlot>& slots, const Values& values);

}
