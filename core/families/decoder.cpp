// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/config_reader.h"

#include <fmt/format.h>

namespace attune::families {
namespace {

using Transform = TensorSlot::GgufTransform;

class SlotList
{
public:
    std::vector<TensorSlot> slots;

    void add(std::string name, std::string ggufName, std::vector<std::int64_t> shape, Role role, std::int64_t layer, bool isLinear, Transform transform)
    {
        TensorSlot slot;
        slot.name = std::move(name);
        slot.ggufName = std::move(ggufName);
        slot.shape = std::move(shape);
        slot.role = role;
        slot.layer = layer;
        slot.isLinear = isLinear;
        slot.transform = transform;
        slots.push_back(std::move(slot));
    }

    void linear(const std::string& name, const std::string& ggufName, std::int64_t out, std::int64_t in, Role role, std::int64_t layer, bool hasBias,
        Transform transform = Transform::None)
    {
        add(name + ".weight", ggufName + ".weight", {out, in}, role, layer, true, transform);
        if (hasBias)
            add(name + ".bias", ggufName + ".bias", {out}, role, layer, false, transform);
    }

    void norm(const std::string& name, const std::string& ggufName, std::int64_t width, std::int64_t layer, Transform transform)
    {
        add(name + ".weight", ggufName + ".weight", {width}, Role::Norm, layer, false, transform);
    }
};

}

std::vector<TensorSlot> decoderSlots(const ModelSpec& spec, const DecoderNames& names)
{
    SlotList list;
    list.add("model.embed_tokens.weight", "token_embd.weight", {spec.vocabSize, spec.hiddenSize}, Role::Embedding, -1, false, Transform::None);
    for (std::int64_t i = 0; i < spec.layers; ++i) {
        const std::string hf = fmt::format("model.layers.{}.", i), gguf = fmt::format("blk.{}.", i);
        list.norm(hf + "input_layernorm", gguf + "attn_norm", spec.hiddenSize, i, names.norm);
        list.linear(hf + "self_attn.q_proj", gguf + "attn_q", spec.queryWidth(), spec.hiddenSize, Role::AttnQuery, i, spec.attentionBias, names.query);
        list.linear(hf + "self_attn.k_proj", gguf + "attn_k", spec.kvWidth(), spec.hiddenSize, Role::AttnKey, i, spec.attentionBias, names.key);
        list.linear(hf + "self_attn.v_proj", gguf + "attn_v", spec.kvWidth(), spec.hiddenSize, Role::AttnValue, i, spec.attentionBias);
        list.linear(hf + "self_attn.o_proj", gguf + "attn_output", spec.hiddenSize, spec.queryWidth(), Role::AttnOutput, i, spec.attentionOutputBias);
        if (spec.queryKeyNorm) {
            list.norm(hf + "self_attn.q_norm", gguf + "attn_q_norm", spec.headDim, i, names.norm);
            list.norm(hf + "self_attn.k_norm", gguf + "attn_k_norm", spec.headDim, i, names.norm);
        }
        list.norm(hf + "post_attention_layernorm", gguf + "ffn_norm", spec.hiddenSize, i, names.norm);
        list.linear(hf + "mlp.gate_proj", gguf + "ffn_gate", spec.intermediateSize, spec.hiddenSize, Role::MlpGate, i, spec.mlpBias);
        list.linear(hf + "mlp.up_proj", gguf + "ffn_up", spec.intermediateSize, spec.hiddenSize, Role::MlpUp, i, spec.mlpBias);
        list.linear(hf + "mlp.down_proj", gguf + "ffn_down", spec.hiddenSize, spec.intermediateSize, Role::MlpDown, i, spec.mlpBias);
    }
    list.norm("model.norm", "output_norm", spec.hiddenSize, -1, names.norm);
    list.linear("lm_head", "output", spec.vocabSize, spec.hiddenSize, Role::LmHead, -1, false);
    list.slots.back().isOptional = spec.tiedEmbeddings;
    return std::move(list.slots);
}

ModelSpec decoderFromGguf(GgufReader& reader)
{
    const auto& file = reader.file();
    ModelSpec spec;
    spec.architecture = file.architecture();
    spec.layers = reader.size("block_count", {}, 10'000);
    spec.hiddenSize = reader.size("embedding_length");
    spec.intermediateSize = reader.size("feed_forward_length");
    spec.heads = reader.size("attention.head_count");
    spec.kvHeads = reader.size("attention.head_count_kv", spec.heads);
    spec.contextLength = reader.size("context_length", {}, std::int64_t(1) << 32);
    spec.headDim = reader.size("attention.key_length", std::max<std::int64_t>(1, spec.hiddenSize / spec.heads));
    if (reader.size("attention.value_length", spec.headDim) != spec.headDim)
        reader.fail(ErrorCode::ModelUnsupported, "Its keys and values differ in width.");
    if (file.integer(file.archKey("expert_count")).value_or(0) > 0)
        reader.fail(ErrorCode::ModelUnsupported, "It is a mixture of experts.");
    spec.normEpsilon = reader.number("attention.layer_norm_rms_epsilon");
    const auto* embedding = file.findTensor("token_embd.weight");
    if (!embedding || embedding->shape.size() != 2)
        reader.fail(ErrorCode::ModelCorrupt, fmt::format("{} holds no token_embd.weight.", file.path()));
    else
        spec.vocabSize = embedding->shape[0];
    spec.tiedEmbeddings = !file.findTensor("output.weight");
    spec.attentionBias = file.findTensor("blk.0.attn_q.bias") != nullptr;
    spec.attentionOutputBias = file.findTensor("blk.0.attn_output.bias") != nullptr;
    spec.mlpBias = file.findTensor("blk.0.ffn_down.bias") != nullptr;
    spec.rope = ropeFromGguf(reader, spec.headDim, spec.contextLength);
    return spec;
}

Json decoderConfig(const ModelSpec& spec, const std::string& architecture, const std::string& modelType)
{
    Json config {{"architectures", {architecture}}, {"model_type", modelType}, {"vocab_size", spec.vocabSize}, {"hidden_size", spec.hiddenSize},
        {"intermediate_size", spec.intermediateSize}, {"num_hidden_layers", spec.layers}, {"num_attention_heads", spec.heads},
        {"num_key_value_heads", spec.kvHeads}, {"head_dim", spec.headDim}, {"hidden_act", activationName(spec.activation)},
        {"max_position_embeddings", spec.contextLength}, {"rms_norm_eps", spec.normEpsilon}, {"tie_word_embeddings", spec.tiedEmbeddings}};
    ropeToConfig(spec.rope, config);
    return config;
}

}
