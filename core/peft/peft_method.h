// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "base/result.h"

#include <cstdint>
#include <span>
#include <string>

namespace attune::model {
class Decoder;
}

namespace attune::peft {

/// How a fine-tuning method acts on a model; core/methods/all has a file of the same stem with its
/// options and counts, which programs read without LibTorch.
struct PeftMethod {
    std::string id;  ///< recipe: method.type
    /// Makes the trainable tensors anew. values: option name -> value. Errors: RecipeValue, Unsupported.
    Status (*apply)(model::Decoder& model, const Json& values, std::uint64_t seed) = nullptr;
    /// Puts an adapter on the model: a PEFT folder or GGUF file of this method. Null when the method has
    /// no adapter file. Errors: AdapterMismatch, FileCorrupt.
    Status (*load)(model::Decoder& model, const std::string& path, bool isTrainable) = nullptr;
};

/// All methods, sorted by id; generated from peft/methods/*.cpp.
std::span<const PeftMethod* const> all();
const PeftMethod* findById(std::string_view id);

}
