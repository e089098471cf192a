// SPDX-License-Identifier: GPL-3.0-or-later
#include "peft/virtual_embeddings.h"

#include "peft/adapter_io.h"

#include <ATen/ATen.h>

#include <cmath>

namespace attune::peft {

using formats::PeftAdapter;
using model::Network;

namespace {

at::Tensor uniform(at::IntArrayRef shape, double bound, at::Generator& generator, at::Device device)
{
    return at::empty(shape).uniform_(-bound, bound, generator).to(device);
}

/// Width of one row of the table.
std::int64_t tableWidth(const families::ModelSpec& spec, bool isPrefix)
{
    return isPrefix ? 2 * spec.layers * spec.kvWidth() : spec.hiddenSize;
}

/// PEFT counts key heads where the prefix stands for keys, else query heads.
void addShape(Json& config, const families::ModelSpec& spec, std::int64_t count, bool isPrefix)
{
    config["num_virtual_tokens"] = count;
    config["num_layers"] = spec.layers;
    config["token_dim"] = isPrefix ? spec.kvWidth() : spec.hiddenSize;
    config["num_attention_heads"] = isPrefix ? spec.kvHeads : spec.heads;
    config["num_transformer_submodules"] = 1;
}

PeftAdapter collect(Network& network, const Json& config)
{
    PeftAdapter adapter(config);
    if (auto* tokens = dynamic_cast<EncodedTokens*>(network.virtualTokens()))
        addTensor(adapter, "", "prompt_embeddings", tokens->table());
    addSaved(adapter, network);
    return adapter;
}

}

EncoderLinear::EncoderLinear(const std::string& name, std::int64_t in, std::int64_t out, at::Generator& generator, at::Device device)
    : weight(name + ".weight", uniform({out, in}, 1.0 / std::sqrt(static_cast<double>(in)), generator, device), true)
    , bias(name + ".bias", uniform({out}, 1.0 / std::sqrt(static_cast<double>(in)), generator, device), true)
{
    bias.parameter.decays = false;
}

EncodedTokens::KeysValues EncodedTokens::keysValues(std::int64_t layer)
{
    const auto width = m_spec.kvWidth();
    const auto part = [&](std::int64_t index) { return m_table.narrow(1, index * width, width).view({m_count, m_spec.kvHeads, m_spec.headDim}); };
    return {part(2 * layer), part(2 * layer + 1)};
}

at::Tensor EncodedTokens::table()
{
    const at::NoGradGuard noGrad;
    return m_encoder->output({}).detach();
}

void setVirtualTokens(Network& network, Json config, std::int64_t count, bool isPrefix, std::unique_ptr<VirtualEncoder> encoder)
{
    addShape(config, network.spec(), count, isPrefix);
    network.setVirtualTokens(std::make_shared<EncodedTokens>(network.spec(), count, isPrefix, std::move(encoder)));
    setCollector(network, [config](Network& model) { return collect(model, config); });
}

Status loadVirtualTokens(Network& network, const PeftAdapter& adapter, bool isTrainable)
{
    const at::NoGradGuard noGrad;
    const bool isPrefix = adapter.type() == "PREFIX_TUNING";
    ATTUNE_TRY(const auto table, adapterTensor(adapter, network, "", "prompt_embeddings", {-1, tableWidth(network.spec(), isPrefix)}));
    ATTUNE_RETURN_IF_ERROR(loadSaved(network, adapter, isTrainable));
    network.seedDropout(0);
    setVirtualTokens(network, adapter.config(), table.size(0), isPrefix, std::make_unique<PlainEncoder>(table, isTrainable));
    return {};
}

}
