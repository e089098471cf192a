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

struct TinyOptions {
    model::Placement placement;
    std::uint64_t seed = 1;
};

inline std::unique_ptr<model::Decoder> tinyModel(const families::ModelSpec& spec = tinySpec(), const TinyOptions& options = {})
{
    torch::manual_seed(options.seed);
    const auto read = [](const families::TensorSlot& slot) -> Result<at::Tensor> {
        if (slot.name == "lm_head.weight" && slot.isOptional)
            return at::Tensor();
        auto value = torch::randn(slot.shape);
        if (slot.shape.size() == 1)
            return slot.name.ends_with("norm.weight") ? 1 + 0.2 * value : 0.2 * value;
        return value * (slot.name.find("embed") != std::string::npos ? 0.5 : 1.4 / std::sqrt(static_cast<double>(slot.shape[1])));
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

}
