// SPDX-License-Identifier: GPL-3.0-or-later
#include "peft/adapter_io.h"

#include "families/task_head.h"
#include "methods/method.h"

#include <ATen/ATen.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

namespace attune::peft {

using formats::PeftAdapter;
using model::Network;

Result<at::Tensor> adapterTensor(const PeftAdapter& adapter, const Network& network, const std::string& module, const std::string& part, at::IntArrayRef wanted)
{
    const auto* tensor = adapter.find(module, part);
    bool fits = tensor && tensor->shape.size() == wanted.size();
    for (std::size_t i = 0; fits && i < wanted.size(); ++i)
        fits = wanted[i] < 0 || tensor->shape[i] == wanted[i];
    if (!fits)
        return fail(ErrorCode::AdapterMismatch,
            fmt::format("The adapter's {}{}{} {}, the base model needs [{}].", module, module.empty() ? "" : ".", part,
                tensor ? fmt::format("has the shape [{}]", fmt::join(tensor->shape, ", ")) : "is missing", fmt::join(wanted, ", ")),
            "Choose the base model that the adapter was trained on.");
    ATTUNE_TRY(const auto values, tensor->values());
    return at::tensor(at::ArrayRef<float>(values), at::kFloat).view(tensor->shape).to(network.placement().device);
}

void addTensor(PeftAdapter& adapter, const std::string& module, const std::string& part, const at::Tensor& tensor)
{
    const auto flat = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
    adapter.add(module, part, flat.sizes().vec(), {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()});
}

std::string moduleOf(const families::TensorSlot& slot)
{
    return std::string(methods::modulePath(slot));
}

const families::TensorSlot* slotOf(const Network& network, const std::string& module)
{
    for (const auto& slot : network.slots())
        if (slot.name == module + ".weight")
            return &slot;
    return nullptr;
}

Json baseConfig(const char* peftType, const Network& network)
{
    // A head of labels says its own task when it is written (engine/head_files).
    const auto kind = network.spec().kind;
    const Json task = kind == families::Architecture::Encoder ? Json() : Json(kind == families::Architecture::Decoder ? "CAUSAL_LM" : "SEQ_2_SEQ_LM");
    return Json {{"peft_type", peftType}, {"task_type", task}, {"auto_mapping", nullptr}, {"revision", nullptr}, {"base_model_name_or_path", ""},
        {"inference_mode", true}};
}

Json plainNumber(double value)
{
    return value == std::floor(value) && std::abs(value) < 1e15 ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

Json namesOf(const std::set<std::string>& chosen, const std::vector<std::string>& all)
{
    const auto last = [](const std::string& name) { return name.substr(name.rfind('.') + 1); };
    std::set<std::string> partly, names;
    for (const auto& name : all)
        if (!chosen.contains(name))
            partly.insert(last(name));
    for (const auto& name : chosen)
        names.insert(partly.contains(last(name)) ? name : last(name));
    return Json(std::vector<std::string>(names.begin(), names.end()));
}

std::vector<std::string> linearNames(Network& network)
{
    std::vector<std::string> names;
    for (const auto* linear : network.linears())
        names.push_back(linear->name());
    return names;
}

Status trainSaved(Network& network, const Json& values)
{
    for (const auto& slot : methods::savedSlots(network.slots(), values)) {
        if (!network.find(slot.name))  // an optional bias that this file lacks
            continue;
        ATTUNE_RETURN_IF_ERROR(network.train(slot.name));
    }
    return {};
}

Status loadSaved(Network& network, const PeftAdapter& adapter, bool isTrainable)
{
    for (const auto& tensor : adapter.tensors()) {
        const bool isWhole = tensor.part == "weight" || tensor.part == "bias";
        const bool isAdapted = adapter.find(tensor.module, "lora_embedding_A") || (tensor.part == "weight" && adapter.find(tensor.module, "lora_A"));
        if (!isWhole || isAdapted)  // PEFT copies the frozen table beside a LoRA on it
            continue;
        const auto name = tensor.module + "." + tensor.part;
        const auto* target = network.find(name);
        if (!target)
            return fail(ErrorCode::AdapterMismatch, fmt::format("The adapter holds {}, which the base model does not have.", name), "Choose the base model that the adapter was trained on.");
        const auto& slot = target->slot();
        const std::vector<std::int64_t> stored = slot.isTransposed ? std::vector<std::int64_t> {slot.shape[1], slot.shape[0]} : slot.shape;
        ATTUNE_TRY(auto values, adapterTensor(adapter, network, tensor.module, tensor.part, stored));
        if (slot.isTransposed)
            values = values.t().contiguous();
        if (!isTrainable) {
            ATTUNE_RETURN_IF_ERROR(network.setValues(name, values));
            continue;
        }
        ATTUNE_TRY(auto* parameter, network.train(name));
        parameter->value.copy_(values);
    }
    return {};
}

void addSaved(PeftAdapter& adapter, Network& network)
{
    std::set<std::string> saved, heads;
    std::vector<std::string> all;
    for (const auto& slot : network.slots()) {
        all.push_back(moduleOf(slot));
        const auto* tensor = network.find(slot.name);
        if (!tensor || !tensor->isChanged() || tensor->slot().name != slot.name)
            continue;
        if (families::isOfHead(slot) || families::isPooler(slot))
            heads.insert(families::savedModule(slot.name, network.spec()));
        else
            saved.insert(moduleOf(slot));
        const auto values = tensor->values();
        addTensor(adapter, moduleOf(slot), slot.name.ends_with(".bias") ? "bias" : "weight", slot.isTransposed ? values.t() : values);
    }
    auto config = adapter.config();
    Json modules = namesOf(saved, all);
    for (const auto& head : heads)
        modules.push_back(head);
    config["modules_to_save"] = modules.empty() ? Json() : modules;
    adapter.setConfig(std::move(config));
}

void setCollector(Network& network, Collect collect)
{
    const auto named = [collect = std::move(collect)](Network& model, const std::string& baseName) {
        const at::NoGradGuard noGrad;
        auto adapter = collect(model);
        auto config = adapter.config();
        config["base_model_name_or_path"] = baseName;
        adapter.setConfig(std::move(config));
        return adapter;
    };
    network.setSaver([named](Network& model, const std::string& folder, const std::string& baseName) { return named(model, baseName).write(folder); });
    network.setSnapshotter([named](Network& model, const std::string& baseName) {
        return [adapter = named(model, baseName)](const std::string& folder) { return adapter.write(folder); };
    });
}

}
