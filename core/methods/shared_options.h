// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "methods/method.h"

namespace attune::methods {

// Rows and sentences that several methods have; a shared key is the same row everywhere.

Option rankOption();
Option targetsOption();
Option savedModulesOption();
/// r, lora_alpha, lora_dropout, target_modules and the expert rows that LoRA and DoRA share.
std::vector<Option> lowRankOptions();
Option virtualTokensOption();
Option encoderSizeOption();

/// Error of targetSlots for method.target_modules, of modules_to_save that name nothing, and of a shared
/// embedding among either: what trains on the table alone would part it from the head.
Status checkTargets(const families::ModelSpec& spec, const std::vector<families::TensorSlot>& slots, const Values& values);
/// Of these slots; a tied head is the embedding once more and left out.
Shapes shapesOf(const std::vector<families::TensorSlot>& slots);
/// The targets of method.target_modules that modules_to_save does not train in full.
std::vector<families::TensorSlot> adaptedSlots(const std::vector<families::TensorSlot>& slots, const Values& values);
/// A [r, in] and B [out, r] of each target, and full copies of modules_to_save.
Shapes lowRankShapes(const std::vector<families::TensorSlot>& slots, const Values& values);
/// Bytes of a token and layer in float32: the inputs of all targets, and `outputCopies` times what they give.
std::int64_t keptOfTargets(const families::ModelSpec& spec, const std::vector<families::TensorSlot>& slots, const Values& values, std::int64_t outputCopies);
bool savesModules(const Values& values);
/// Whether llama.cpp knows the family's architecture.
bool hasGguf(const families::ModelSpec& spec);
/// ", or one merged model as safetensors, GGUF or Ollama", or safetensors only.
std::string mergedForms(const families::ModelSpec& spec);

}
