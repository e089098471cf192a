// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "base/result.h"

#include <cstdint>
#include <span>
#include <string>

namespace attune::formats {
class PeftAdapter;
}

namespace attune::model {
class Decoder;
class Network;
}

namespace attune::peft {

/// How a fine-tuning method acts on a model; core/methods/all has a file of the same stem with its
/// options and counts, which programs read without LibTorch. All functions also tell the model how
/// it is saved.
struct PeftMethod {
    std::string id {};        ///< recipe: method.type
    std::string peftType {};  ///< adapter_config.json's peft_type: "LORA"; empty when there is no adapter file
    /// Makes the trainable tensors anew. values: option name -> value. Errors: RecipeValue, Unsupported.
    Status (*apply)(model::Decoder& model, const Json& values, std::uint64_t seed) = nullptr;
    /// Puts an adapter that was read from a file on the model; null when there is no adapter file.
    /// Errors: AdapterMismatch, FileCorrupt, Unsupported.
    Status (*load)(model::Decoder& model, const formats::PeftAdapter& adapter, bool isTrainable) = nullptr;
    /// The same two on the general network, which every method has; apply and load are null where the fast
    /// decoder lacks the method.
    Status (*applyTo)(model::Network& model, const Json& values, std::uint64_t seed) = nullptr;
    Status (*loadInto)(model::Network& model, const formats::PeftAdapter& adapter, bool isTrainable) = nullptr;
    /// Whether these options, or this adapter, need the network although the decoder has the method; null = never.
    bool (*needsNetwork)(const Json& values) = nullptr;
    bool (*adapterNeedsNetwork)(const formats::PeftAdapter& adapter) = nullptr;
    /// Among methods of one peftType: whether this one is meant by an adapter; null = where no other takes it.
    bool (*takes)(const formats::PeftAdapter& adapter) = nullptr;
};

/// All methods, sorted by id; generated from peft/methods/*.cpp.
std::span<const PeftMethod* const> all();
const PeftMethod* findById(std::string_view id);
/// Whether a model that this method is applied to must be the general network.
bool needsNetwork(const PeftMethod& method, const Json& values);

}
