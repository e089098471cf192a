// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/network/label_head.h"

#include "model/network/network.h"

#include <ATen/ATen.h>

namespace attune::model {

namespace {

at::Tensor linear(Network& network, const std::string& name, const at::Tensor& rows)
{
    const auto* weight = network.find(name + ".weight");
    const auto* bias = network.find(name + ".bias");
    TORCH_CHECK(weight, "the model has no head of labels");
    return at::linear(rows, weight->useFloat(), bias ? std::optional<at::Tensor>(bias->useFloat()) : std::nullopt);
}

}

bool hasLabelHead(Network& network)
{
    return network.find("cls.output.weight") != nullptr;
}

at::Tensor labelLogits(Network& network, const PackedBatch& batch, bool isPerToken)
{
    const auto activation = network.spec().labelActivation;
    auto rows = isPerToken ? network.hidden(batch) : network.pooled(batch);
    if (!isPerToken)
        rows = network.throughHead(rows, activation, "pooler", {});
    return linear(network, "cls.output", network.throughHead(rows, activation, "cls", "cls.norm").to(at::kFloat));
}

}
