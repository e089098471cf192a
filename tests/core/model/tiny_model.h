// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/family.h"
#include "model/decoder.h"

#include <torch/torch.h>

namespace attune::tests {

/// A decoder of the Llama kind with random weights of order one.
inline families::ModelSpec tinySpec()
{
    families::ModelSpec spec;
    spec.family = spec.architecture = "llama";
    spec.layers = 3;
    spec.hiddenSize = 32;
    spec.intermediateSize = 48;
    spec.heads = 4;
    spec.kvHeads = 2;
    spec.headDim = 8;
    spec.vocabSize = 61;
    spec.contextLength = 128;
    spec.tiedEmbeddings = true;
    return spec;
}

/// Any: random. OfBfloat16: all can be held in bfloat16. Nearly: the same, but for one value of each matrix, which is a trifle larger.
enum class Values { Any, OfBfloat16, Nearly };

struct TinyOptions {
    model::Placement placement;
    std::uint64_t seed = 1;
    Values values = Values::Any;
};

inline std::unique_ptr<model::Decoder> tinyModel(const families::ModelSpec& spec = tinySpec(), const TinyOptions& options = {})
{
    torch::manual_seed(options.seed);
    const auto read = [&options](const families::TensorSlot& slot) -> Result<at::Tensor> {
        if (slot.name == "lm_head.weight" && slot.isOptional)
            return at::Tensor();
        auto value = torch::randn(slot.shape);
        if (slot.shape.size() == 1)
            return slot.name.ends_with("norm.weight") ? 1 + 0.2 * value : 0.2 * value;
        value = value * (slot.name.find("embed") != std::string::npos ? 0.5 : 1.4 / std::sqrt(static_cast<double>(slot.shape[1])));
        if (options.values != Values::Any)
            value = value.to(torch::kBFloat16).to(torch::kFloat);
        if (options.values == Values::Nearly)
            value.view(-1)[0] *= 1 + 1e-4;
        return value;
    };
    auto model = model::Decoder::build(spec, families::findById("llama")->tensors(spec), options.placement, read, JobContext {});
    if (!model)
        throw std::runtime_error(model.error().message);
    return std::move(*model);
}

/// Rows of random tokens with about two thirds trained.
inline model::PackedBatch tinyBatch(const std::vector<int>& lengths, std::int64_t vocabSize = 61, std::uint64_t seed = 3)
{
    torch::manual_seed(seed);
    model::PackedBatch batch;
    for (const int length : lengths) {
        std::vector<std::int32_t> ids;
        std::vector<std::uint8_t> trained;
        for (int i = 0; i < length; ++i) {
            ids.push_back(torch::randint(vocabSize, {1}).item<int>());
            trained.push_back(i * 3 > length);
        }
        batch.add({ids, trained, 0});
    }
    return batch;
}

/// A LoRA adapter with B off zero on every linear, so that all gradients are visible.
inline void addAdapters(model::Decoder& model, double dropout = 0.0, std::int64_t rank = 4)
{
    const auto device = model.placement().device;
    for (auto* linear : model.linears()) {
        auto adapter = std::make_unique<model::LowRank>();
        const auto in = model.inputsOf(linear->name);
        const auto a = torch::randn({rank, in}) / std::sqrt(static_cast<double>(in)), b = 0.3 * torch::randn({linear->out, rank});
        adapter->a = {linear->name + ".lora_A.weight", a.to(device), torch::zeros({rank, in}, device)};
        adapter->b = {linear->name + ".lora_B.weight", b.to(device), torch::zeros({linear->out, rank}, device)};
        adapter->scaling = 0.5;
        adapter->dropout = dropout;
        model.setAdapter(linear->name, std::move(adapter));
    }
    model.parametersChanged();
    model.seedDropout(7);
}

using Quantise = std::shared_ptr<const model::WeightSource> (*)(const torch::Tensor&, at::Device);
enum class Base { Codes, Values };

/// An untied model whose linears are codes, or the values that the codes stand for.
inline std::unique_ptr<model::Decoder> quantisedModel(const families::ModelSpec& spec, Quantise quantise, Base base, const model::Placement& placement = {})
{
    torch::manual_seed(11);
    std::map<std::string, torch::Tensor> weights;
    const auto slots = families::findById("llama")->tensors(spec);
    for (const auto& slot : slots)
        weights[slot.name] = slot.shape.size() == 1 ? torch::ones(slot.shape) : torch::randn(slot.shape) / std::sqrt(static_cast<double>(slot.shape[1]));
    const auto isQuantised = [](const families::TensorSlot& slot) { return slot.isLinear && slot.role != families::Role::LmHead && slot.shape.size() == 2; };
    const auto read = [&](const families::TensorSlot& slot) -> Result<at::Tensor> {
        if (slot.isOptional && slot.name != "lm_head.weight")
            return at::Tensor();
        return isQuantised(slot) ? quantise(weights.at(slot.name), at::kCPU)->weight(at::kFloat) : weights.at(slot.name);
    };
    const model::GiveSource source = [&](const families::TensorSlot& slot) -> Result<std::shared_ptr<const model::WeightSource>> {
        return isQuantised(slot) ? quantise(weights.at(slot.name), placement.device) : nullptr;
    };
    auto model = model::Decoder::build(spec, slots, placement, read, JobContext {}, base == Base::Codes ? source : model::GiveSource());
    if (!model)
        throw std::runtime_error(model.error().message);
    return std::move(*model);
}

}
