// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "formats/peft_adapter.h"
#include "model/network/network.h"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace attune::peft {

// What the methods of the general network share when they make, read and write adapters.

/// The tensor of an adapter as float32 on the network's device. wanted: its shape, -1 where any size fits.
/// Errors: AdapterMismatch naming module, part and both shapes.
Result<at::Tensor> adapterTensor(const formats::PeftAdapter& adapter, const model::Network& network, const std::string& module, const std::string& part,
    at::IntArrayRef wanted);

/// Adds a copy of a tensor.
void addTensor(formats::PeftAdapter& adapter, const std::string& module, const std::string& part, const at::Tensor& tensor);

/// The slot of a module's weight; null when the model has no such module.
const families::TensorSlot* slotOf(const model::Network& network, const std::string& module);
/// "model.layers.0.self_attn.q_proj" of a slot.
std::string moduleOf(const families::TensorSlot& slot);

/// The keys of adapter_config.json that every type has.
Json baseConfig(const char* peftType, const model::Network& network);
/// A whole number is written as one, as Python does with `lora_alpha: 16`.
Json plainNumber(double value);
/// How PEFT finds the chosen ones among all modules: by the last part of their names where all of that name
/// are chosen, else by the whole path.
Json namesOf(const std::set<std::string>& chosen, const std::vector<std::string>& all);
/// Names of all linear layers but the head.
std::vector<std::string> linearNames(model::Network& network);

/// Makes modules_to_save trained tensors of the base. Errors: ModelCorrupt.
Status trainSaved(model::Network& network, const Json& values);
/// Puts whole weights and biases of an adapter (modules_to_save, task heads, biases, norms) on the base.
/// Errors: AdapterMismatch.
Status loadSaved(model::Network& network, const formats::PeftAdapter& adapter, bool isTrainable);
/// Adds all trained tensors of the base and names their modules in the configuration.
void addSaved(formats::PeftAdapter& adapter, model::Network& network);

/// Copies the trained tensors into an adapter; asked at every save.
using Collect = std::function<formats::PeftAdapter(model::Network& network)>;
/// Tells the network how it is saved; base name and inference_mode are filled in.
void setCollector(model::Network& network, Collect collect);

}
