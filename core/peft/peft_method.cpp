// SPDX-License-Identifier: GPL-3.0-or-later
#include "peft/peft_method.h"

#include "base/file.h"
#include "families/adapter.h"
#include "families/task_head.h"
#include "formats/safetensors.h"
#include "model/decoder.h"
#include "model/network/label_head.h"
#include "model/network/network.h"

#include <ATen/ATen.h>

namespace attune::peft {

const PeftMethod* findById(std::string_view id)
{
    for (const auto* method : all()) {
        if (method->id == id)
            return method;
    }
    return nullptr;
}

bool needsNetwork(const PeftMethod& method, const Json& values)
{
    return !method.apply || (method.needsNetwork && method.needsNetwork(values));
}

}

namespace attune::model {

namespace {

const peft::PeftMethod* methodOf(const formats::PeftAdapter& adapter)
{
    const peft::PeftMethod* plain = nullptr;
    for (const auto* method : peft::all()) {
        if (!method->loadInto || method->peftType != adapter.type())
            continue;
        if (!method->takes)
            plain = method;
        else if (method->takes(adapter))
            return method;
    }
    return plain;
}

/// An adapter's head of labels goes to the network's own; the method gets the rest.
Result<formats::PeftAdapter> withoutHead(Network& network, const formats::PeftAdapter& adapter)
{
    if (!hasLabelHead(network))
        return adapter;
    formats::PeftAdapter rest(adapter.config());
    for (const auto& tensor : adapter.tensors()) {
        ATTUNE_TRY(auto values, tensor.values());
        auto* head = tensor.part == "weight" || tensor.part == "bias" ? network.find(tensor.module + "." + tensor.part) : nullptr;
        if (!head || !(families::isOfHead(head->slot()) || families::isPooler(head->slot()))) {
            rest.add(tensor.module, tensor.part, tensor.shape, std::move(values));
            continue;
        }
        if (tensor.shape != head->slot().shape)
            return fail(ErrorCode::AdapterMismatch, fmt::format("The adapter's {}.{} has another shape than the head of labels.", tensor.module, tensor.part),
                "Choose the base model and the labels that the adapter was trained with.");
        ATTUNE_TRY(auto* parameter, network.train(head->slot().name));
        const at::NoGradGuard noGrad;
        parameter->value.copy_(at::tensor(at::ArrayRef<float>(values), at::kFloat).view(tensor.shape));
    }
    return rest;
}

/// The head of a layout that is not PEFT's lies in a file of its own.
Status loadHeadFile(Network& network, const std::string& folder)
{
    const std::string path = folder + "/head.safetensors";
    std::error_code error;
    if (!hasLabelHead(network) || !fs::exists(path, error))
        return {};
    ATTUNE_TRY(const auto file, formats::SafetensorsFile::open(path));
    for (const auto& tensor : file.tensors()) {
        auto* head = network.find(tensor.name);
        if (!head || tensor.shape != head->slot().shape)
            return fail(ErrorCode::AdapterMismatch, fmt::format("{} holds {}, which is no part of the model's head of labels.", path, tensor.name),
                "Choose the base model and the labels that the adapter was trained with.");
        std::vector<float> values(static_cast<std::size_t>(tensor.count()));
        ATTUNE_RETURN_IF_ERROR(formats::toFloat32(tensor.dtype, tensor.bytes, values));
        ATTUNE_TRY(auto* parameter, network.train(tensor.name));
        const at::NoGradGuard noGrad;
        parameter->value.copy_(at::tensor(at::ArrayRef<float>(values), at::kFloat).view(tensor.shape));
    }
    return {};
}

Error notOnDecoder()
{
    return fail(ErrorCode::Internal, "The model was loaded without the general network that its method needs.");
}

}

Status addAdapter(CausalLm& model, const std::string& id, const Json& values, std::uint64_t seed)
{
    const auto* method = peft::findById(id);
    if (!method)
        return fail(ErrorCode::RecipeValue, fmt::format("There is no fine-tuning method \"{}\".", id), "Choose one that `attune recipe schema` lists.");
    if (auto* network = dynamic_cast<Network*>(&model))
        return method->applyTo(*network, values, seed);
    return method->apply ? method->apply(dynamic_cast<Decoder&>(model), values, seed) : Status(notOnDecoder());
}

bool adapterNeedsNetwork(const std::string& path, const families::ModelSource& source)
{
    const auto adapter = families::readAdapter(path, source);
    const auto* method = adapter ? methodOf(*adapter) : nullptr;
    return method && (!method->load || (method->adapterNeedsNetwork && method->adapterNeedsNetwork(*adapter)));
}

Status loadAdapter(CausalLm& model, const std::string& path, bool isTrainable)
{
    auto* network = dynamic_cast<Network*>(&model);
    ATTUNE_TRY(const auto adapter, families::readAdapter(path, network ? network->source : dynamic_cast<Decoder&>(model).source));
    const auto* method = methodOf(adapter);
    if (!method)
        return fail(ErrorCode::Unsupported, fmt::format("{} is an adapter of the type {}, which this version cannot use.", path, adapter.type()),
            "Merge it into its base with the program that made it.");
    if (network) {
        ATTUNE_TRY(const auto rest, withoutHead(*network, adapter));
        ATTUNE_RETURN_IF_ERROR(loadHeadFile(*network, path));
        return method->loadInto(*network, rest, isTrainable);
    }
    return method->load ? method->load(dynamic_cast<Decoder&>(model), adapter, isTrainable) : Status(notOnDecoder());
}

}
