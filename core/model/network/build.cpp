// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/network/network.h"

#include <ATen/ATen.h>

#include <fmt/format.h>

namespace attune::model {

using families::ModelSpec;
using families::Role;
using families::TensorSlot;

namespace {

constexpr const char* kConvertAgain = "Download or convert the model again.";

std::string withoutSuffix(const std::string& name)
{
    return name.substr(0, name.rfind('.'));
}

std::optional<RopeTable> localTable(const ModelSpec& spec, at::Device device)
{
    if (spec.localRopeTheta <= 0)
        return std::nullopt;
    ModelSpec local = spec;
    local.rope = {};
    local.rope.theta = spec.localRopeTheta;
    local.rope.partialFactor = spec.rope.partialFactor;
    return std::optional<RopeTable>(std::in_place, local, device);
}

}

Network::Network(const ModelSpec& spec, const std::vector<TensorSlot>& slots, NetworkOptions options)
    : m_spec(spec)
    , m_slots(slots)
    , m_placement(options.placement)
    , m_options(std::move(options))
    , m_rope(spec, m_placement.device)
    , m_localRope(localTable(spec, m_placement.device))
{
    m_state.generator = &m_generator;
    if (m_options.source)  // who quantises the base wants less memory before speed
        m_keptBytes = 0;
}

Result<std::unique_ptr<Network>> Network::build(const ModelSpec& spec, const std::vector<TensorSlot>& slots, NetworkOptions options, const JobContext& context)
{
    const at::NoGradGuard noGrad;
    auto network = std::unique_ptr<Network>(new Network(spec, slots, std::move(options)));
    network->seedDropout(0);
    ATTUNE_RETURN_IF_ERROR(network->readTensors(context));
    ATTUNE_RETURN_IF_ERROR(network->assemble());
    if (network->trainsBase()) {
        for (auto& tensor : network->m_tensors)
            ATTUNE_RETURN_IF_ERROR(network->train(tensor.slot().name));
    }
    return network;
}

Status Network::readTensors(const JobContext& context)
{
    std::uint64_t done = 0;
    for (const auto& slot : m_slots) {
        if (context.isCancelled())
            return fail(ErrorCode::Cancelled, "Loading the model was cancelled.");
        context.report("Loading the model", ++done, m_slots.size());
        if (m_spec.tiedEmbeddings && slot.role == Role::LmHead)
            continue;
        if (m_options.source) {
            ATTUNE_TRY(auto held, m_options.source(slot));
            if (held) {
                m_tensors.emplace_back(slot, std::move(held), m_placement.compute);
                continue;
            }
        }
        ATTUNE_TRY(auto value, m_options.read(slot, trainsBase() ? at::kFloat : m_placement.stored));
        if (!value.defined() && slot.isOptional)
            continue;
        if (!value.defined() || value.sizes() != at::IntArrayRef(slot.shape))
            return fail(ErrorCode::ModelCorrupt, fmt::format("The tensor {} {}.", slot.name, value.defined() ? "has another shape than the model's configuration says" : "is missing"), kConvertAgain);
        m_tensors.emplace_back(slot, value.to(m_placement.device), m_placement.compute);
    }
    for (auto& tensor : m_tensors) {
        m_byName[tensor.slot().name] = &tensor;
        if (!tensor.slot().ggufName.empty())
            m_byName[tensor.slot().ggufName] = &tensor;
    }
    return {};
}

Status Network::assemble()
{
    for (auto& tensor : m_tensors) {
        const auto& slot = tensor.slot();
        if (slot.role == Role::LmHead)
            m_linears.emplace_back(withoutSuffix(slot.name), &tensor, find("output.bias"));
        else if (slot.isLinear)
            m_linears.emplace_back(withoutSuffix(slot.name), &tensor, slot.name.ends_with(".weight") ? find(withoutSuffix(slot.name) + ".bias") : nullptr);
    }
    const bool namesTokens = m_spec.kind != families::Architecture::Encoder || find("mlm.dense.weight");
    if (namesTokens && !findLinear("output")) {
        auto* embedding = find("token_embd.weight");
        if (!embedding)
            return fail(ErrorCode::ModelCorrupt, "The table of embeddings is missing.", kConvertAgain);
        std::string name = "lm_head";
        for (const auto& slot : m_slots)
            name = slot.role == Role::LmHead && slot.name.ends_with(".weight") ? withoutSuffix(slot.name) : name;
        m_linears.emplace_back(name, embedding, find("output.bias"));
        m_head = &m_linears.back();
    }
    if (!m_head)
        m_head = findLinear("output");
    for (std::int64_t l = 0; l < m_spec.layers; ++l) {
        m_layers.push_back(layerOf(l));
        ATTUNE_RETURN_IF_ERROR(checkLayer(m_layers.back()));
    }
    return {};
}

NetworkLayer Network::layerOf(std::int64_t index)
{
    NetworkLayer layer;
    layer.index = index;
    layer.isSliding = m_spec.slidesIn(index);
    const bool isPair = m_spec.kind == families::Architecture::EncoderDecoder, isDecoder = isPair && index >= m_spec.encoderLayers;
    layer.isCausal = m_spec.kind == families::Architecture::Decoder || isDecoder;
    const auto prefix = !isPair ? fmt::format("blk.{}.", index) : isDecoder ? fmt::format("dec.blk.{}.", index - m_spec.encoderLayers) : fmt::format("enc.blk.{}.", index);
    const auto norm = [&](const char* name, NetworkTensor*& weight, NetworkTensor*& bias) {
        weight = find(prefix + name + ".weight");
        bias = find(prefix + name + ".bias");
    };
    norm("attn_norm", layer.attentionNorm, layer.attentionNormBias);
    norm("post_attention_norm", layer.attentionPostNorm, layer.attentionPostNormBias);
    norm("ffn_norm", layer.mlpNorm, layer.mlpNormBias);
    norm("post_ffw_norm", layer.mlpPostNorm, layer.mlpPostNormBias);
    if (!layer.attentionPostNorm)
        norm("attn_output_norm", layer.attentionPostNorm, layer.attentionPostNormBias);
    if (!layer.mlpPostNorm)
        norm("layer_output_norm", layer.mlpPostNorm, layer.mlpPostNormBias);
    norm("attn_q_norm", layer.queryNorm, layer.queryNormBias);
    norm("attn_k_norm", layer.keyNorm, layer.keyNormBias);
    if (m_spec.parallelResidual && !layer.mlpNorm) {
        // One norm feeds both, or, with a second one for attention (Falcon 40B), the first is the MLP's.
        layer.mlpNorm = layer.attentionNorm;
        layer.mlpNormBias = layer.attentionNormBias;
        if (find(prefix + "attn_norm_2.weight"))
            norm("attn_norm_2", layer.attentionNorm, layer.attentionNormBias);
    }
    const auto linear = [&](const char* name) { return findLinear(prefix + name); };
    layer.qkv = linear("attn_qkv");
    layer.query = linear("attn_q");
    layer.key = linear("attn_k");
    layer.value = linear("attn_v");
    layer.attentionOutput = linear(isPair ? "attn_o" : "attn_output");
    layer.gate = linear("ffn_gate");
    layer.up = linear("ffn_up");
    layer.down = linear("ffn_down");
    if (isDecoder) {
        layer.crossNorm = find(prefix + "cross_attn_norm.weight");
        layer.crossQuery = linear("cross_attn_q");
        layer.crossKey = linear("cross_attn_k");
        layer.crossValue = linear("cross_attn_v");
        layer.crossOutput = linear("cross_attn_o");
    }
    return layer;
}

Status Network::checkLayer(const NetworkLayer& layer) const
{
    const bool needsCross = m_spec.kind == families::Architecture::EncoderDecoder && layer.isCausal;
    const bool hasCross = layer.crossNorm && layer.crossQuery && layer.crossKey && layer.crossValue && layer.crossOutput;
    const bool hasAttention = (layer.qkv || (layer.query && layer.key && layer.value)) && layer.attentionOutput && (!needsCross || hasCross);
    const bool hasMlp = layer.up && layer.down && (!m_spec.gatedMlp || m_spec.fusedGateUp || layer.gate);
    const bool hasNorms = !m_spec.queryKeyNorm || (layer.queryNorm && layer.keyNorm);
    if (hasAttention && hasMlp && hasNorms)
        return {};
    return fail(ErrorCode::ModelCorrupt, fmt::format("Layer {} of the model lacks a weight of its {}.", layer.index, hasAttention && hasNorms ? "MLP" : "attention"), kConvertAgain);
}

std::vector<NetworkLinear*> Network::linears()
{
    std::vector<NetworkLinear*> result;
    for (auto& linear : m_linears)
        result.push_back(&linear);
    return result;
}

NetworkLinear* Network::findLinear(const std::string& name)
{
    for (auto& linear : m_linears) {
        if (linear.name() == name || (!linear.slot().ggufName.empty() && withoutSuffix(linear.slot().ggufName) == name && linear.slot().role != Role::Embedding))
            return &linear;
    }
    return nullptr;
}

NetworkTensor* Network::find(const std::string& name)
{
    const auto found = m_byName.find(name);
    return found == m_byName.end() ? nullptr : found->second;
}

Result<Parameter*> Network::train(const std::string& name, bool keepsBase)
{
    auto* tensor = find(name);
    if (!tensor)
        return fail(ErrorCode::Internal, fmt::format("The model has no weight {} to train.", name));
    if (tensor->isTrained())
        return tensor->parameter();
    at::Tensor master;
    if (!trainsBase()) {
        // The stored type may be narrower than the file's.
        ATTUNE_TRY(master, m_options.read(tensor->slot(), at::kFloat));
        master = master.to(m_placement.device);
    } else {
        master = tensor->values();
    }
    auto& parameter = tensor->train(master, keepsBase && !trainsBase());
    parameter.decays = tensor->slot().role != Role::Norm && !tensor->slot().name.ends_with(".bias");
    return &parameter;
}

Status Network::setValues(const std::string& name, const at::Tensor& values)
{
    auto* tensor = find(name);
    if (!tensor)
        return fail(ErrorCode::Internal, fmt::format("The model has no weight {} to replace.", name));
    tensor->replace(values.to(m_placement.device));
    return {};
}

void Network::setBlockHook(std::int64_t layer, bool isMlp, std::shared_ptr<BlockHook> hook)
{
    m_blockHooks[{layer, isMlp}] = std::move(hook);
}

at::Tensor Network::embeddingRows(std::span<const std::int32_t> ids)
{
    const at::NoGradGuard noGrad;
    const std::vector<std::int64_t> wide(ids.begin(), ids.end());
    return find("token_embd.weight")->rows(at::tensor(wide, at::kLong).to(m_placement.device)).to(at::kFloat);
}

std::uint64_t Network::baseBytes() const
{
    std::uint64_t total = 0;
    for (const auto& tensor : m_tensors)
        total += tensor.bytes();
    return total;
}

}
