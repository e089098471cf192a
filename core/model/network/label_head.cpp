// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/network/label_head.h"

#include "model/network/network.h"

#include <ATen/ATen.h>

namespace attune::model {

namespace {

/// The token that stands for a sequence: an encoder's first, a decoder's last, which alone has read all.
at::Tensor pooledPlaces(const PackedBatch& batch, bool isFirst, at::Device device)
{
    std::vector<std::int64_t> places;
    for (std::size_t s = 0; s + 1 < batch.segments.size(); ++s)
        places.push_back(isFirst ? batch.segments[s] : batch.segments[s + 1] - 1);
    return at::tensor(places, at::kLong).to(device);
}

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
    return labelLogits(network, batch, network.hidden(batch), isPerToken);
}

at::Tensor labelLogits(Network& network, const PackedBatch& batch, const at::Tensor& hidden, bool isPerToken)
{
    if (isPerToken)
        return linear(network, "cls.output", hidden.to(at::kFloat));
    const bool isEncoder = network.spec().kind == families::Architecture::Encoder;
    auto rows = hidden.index_select(0, pooledPlaces(batch, isEncoder, network.placement().device)).to(at::kFloat);
    // Encoders put a dense layer with tanh before it (BERT's pooler, RoBERTa's head).
    if (network.find("cls.weight"))
        rows = at::tanh(linear(network, "cls", rows));
    return linear(network, "cls.output", rows);
}

}
