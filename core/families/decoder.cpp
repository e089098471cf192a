// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/config_reader.h"
#include "families/slot_list.h"

#include <fmt/format.h>

#include <algorithm>

namespace attune::families {

using Transform = TensorSlot::GgufTransform;

namespace {

void addAttention(SlotList& list, const ModelSpec& spec, const DecoderNames& names, const std::string& hf, const std::string& gguf, std::int64_t layer)
{
    if (spec.fusedQkv == FusedQkv::Sections) {
        list.linear(hf + "qkv_proj", gguf + "attn_qkv", spec.queryWidth() + 2 * spec.kvWidth(), spec.hiddenSize, Role::AttnQuery, layer, spec.attentionBias);
    } else {
        list.linear(hf + "q_proj", gguf + "attn_q", spec.queryWidth(), spec.hiddenSize, Role::AttnQuery, layer, spec.attentionBias, names.query);
        list.linear(hf + "k_proj", gguf + "attn_k", spec.kvWidth(), spec.hiddenSize, Role::AttnKey, layer, spec.attentionBias, names.key);
        list.linear(hf + "v_proj", gguf + "attn_v", spec.kvWidth(), spec.hiddenSize, Role::AttnValue, layer, spec.attentionBias);
    }
    list.linear(hf + "o_proj", gguf + "attn_output", spec.hiddenSize, spec.queryWidth(), Role::AttnOutput, layer, spec.attentionOutputBias);
    if (spec.queryKeyNorm) {
        list.norm(hf + "q_norm", gguf + "attn_q_norm", spec.queryKeyNormIsWhole ? spec.queryWidth() : spec.headDim, layer, names.norm);
        list.norm(hf + "k_norm", gguf + "attn_k_norm", spec.queryKeyNormIsWhole ? spec.kvWidth() : spec.headDim, layer, names.norm);
    }
}

void addMlp(SlotList& list, const ModelSpec& spec, const DecoderNames& names, const std::string& hf, const std::string& gguf, std::int64_t layer)
{
    if (spec.fusedGateUp)
        list.linear(hf + "gate_up_proj", gguf + "ffn_up", 2 * spec.intermediateSize, spec.hiddenSize, Role::MlpUp, layer, spec.mlpBias);
    else if (spec.gatedMlp)
        list.linear(hf + "gate_proj", gguf + "ffn_gate", spec.intermediateSize, spec.hiddenSize, Role::MlpGate, layer, spec.mlpBias);
    if (!spec.fusedGateUp)
        list.linear(hf + names.up, gguf + "ffn_up", spec.intermediateSize, spec.hiddenSize, Role::MlpUp, layer, spec.mlpBias);
    list.linear(hf + names.down, gguf + "ffn_down", spec.hiddenSize, spec.intermediateSize, Role::MlpDown, layer, spec.mlpBias);
}

}

/// Where norms stand decides what "post_attention_layernorm" is: the norm before the MLP, or the one on
/// attention's output (formats.md §4.5).
std::vector<TensorSlot> decoderSlots(const ModelSpec& spec, const DecoderNames& names)
{
    SlotList list;
    list.add("model.embed_tokens.weight", "token_embd.weight", {spec.vocabSize, spec.hiddenSize}, Role::Embedding, -1);
    for (std::int64_t i = 0; i < spec.layers; ++i) {
        const std::string hf = fmt::format("model.layers.{}.", i), gguf = fmt::format("blk.{}.", i);
        const auto norm = [&](const char* name, const char* ggufName) { list.norm(hf + name, gguf + ggufName, spec.hiddenSize, i, names.norm, spec.normBias); };
        const bool hasPre = spec.normPlacement != NormPlacement::Post, hasPost = spec.normPlacement != NormPlacement::Pre;
        if (hasPre)
            norm("input_layernorm", "attn_norm");
        addAttention(list, spec, names, hf + "self_attn.", gguf, i);
        if (hasPost) {
            norm("post_attention_layernorm", "post_attention_norm");
            if (hasPre)
                norm("pre_feedforward_layernorm", "ffn_norm");
        } else if (!spec.parallelResidual) {
            norm("post_attention_layernorm", "ffn_norm");
        }
        addMlp(list, spec, names, hf + "mlp.", gguf, i);
        if (hasPost)
            norm("post_feedforward_layernorm", "post_ffw_norm");
    }
    list.norm("model.norm", "output_norm", spec.hiddenSize, -1, names.norm, spec.normBias);
    list.head("lm_head", spec);
    return std::move(list.slots);
}

ModelSpec decoderFromConfig(ConfigReader& reader, const DecoderDefaults& defaults)
{
    ModelSpec spec;
    spec.vocabSize = reader.size("vocab_size", defaults.vocabSize);
    spec.hiddenSize = reader.size("hidden_size", defaults.hiddenSize);
    spec.intermediateSize = reader.size("intermediate_size", defaults.intermediateSize);
    spec.layers = reader.size("num_hidden_layers", defaults.layers, 10'000);
    spec.heads = reader.size("num_attention_heads", defaults.heads);
    spec.kvHeads = reader.size("num_key_value_heads", defaults.kvHeads > 0 ? defaults.kvHeads : spec.heads);
    spec.headDim = reader.size("head_dim", defaults.headDim > 0 ? defaults.headDim : std::max<std::int64_t>(1, spec.hiddenSize / spec.heads));
    spec.contextLength = reader.size("max_position_embeddings", defaults.contextLength, std::int64_t(1) << 32);
    spec.normEpsilon = reader.number(defaults.epsilonKey, defaults.epsilon);
    spec.tiedEmbeddings = reader.boolean("tie_word_embeddings", defaults.isTied);
    spec.activation = activationFromConfig(reader, defaults.activationKey, defaults.activation);
    spec.rope = ropeFromConfig(reader, defaults.theta, spec.contextLength);
    return spec;
}

Activation activationFromConfig(ConfigReader& reader, const std::string& key, Activation fallback)
{
    const std::string name = reader.text(key, std::string(activationName(fallback)));
    const auto known = activationFromName(name);
    if (!known)
        reader.fail(fmt::format("config.json: the activation \"{}\" is unknown.", name));
    return known.value_or(fallback);
}

void layerTypesFromConfig(ConfigReader& reader, ModelSpec& spec, const std::function<bool(std::int64_t)>& isSliding)
{
    const auto layers = static_cast<std::size_t>(std::clamp<std::int64_t>(spec.layers, 0, 10'000));
    const auto types = reader.json().find("layer_types");
    const bool isListed = types != reader.json().end() && types->is_array();
    if (isListed && types->size() != layers)
        reader.fail(fmt::format("config.json: layer_types names {} layers, the model has {}.", types->size(), layers));
    spec.slidingLayers.assign(layers, false);
    for (std::size_t i = 0; i < layers; ++i) {
        if (!isListed || i >= types->size()) {
            spec.slidingLayers[i] = isSliding(static_cast<std::int64_t>(i));
            continue;
        }
        const auto& type = (*types)[i];
        spec.slidingLayers[i] = type == "sliding_attention";
        if (type != "sliding_attention" && type != "full_attention")
            reader.fail(fmt::format("config.json: layer_types holds {}, expected full_attention or sliding_attention.", toLine(type)));
    }
    if (std::none_of(spec.slidingLayers.begin(), spec.slidingLayers.end(), [](bool sliding) { return sliding; })) {
        spec.slidingLayers.clear();
        spec.slidingWindow = 0;
    }
}

void layerTypesToConfig(const ModelSpec& spec, Json& config)
{
    auto types = Json::array();
    for (std::int64_t i = 0; i < spec.layers; ++i)
        types.push_back(spec.slidesIn(i) ? "sliding_attention" : "full_attention");
    config["layer_types"] = types;
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
    // Architectures with LayerNorm write the one, those with RMSNorm the other.
    const bool isLayerNorm = !file.number(file.archKey("attention.layer_norm_rms_epsilon")) && file.number(file.archKey("attention.layer_norm_epsilon"));
    spec.norm = isLayerNorm ? NormKind::LayerNorm : NormKind::RmsNorm;
    spec.normBias = file.findTensor("output_norm.bias") != nullptr;
    spec.normEpsilon = reader.number(isLayerNorm ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon");
    const auto* embedding = file.findTensor("token_embd.weight");
    if (!embedding || embedding->shape.size() != 2)
        reader.fail(ErrorCode::ModelCorrupt, fmt::format("{} holds no token_embd.weight.", file.path()));
    else
        spec.vocabSize = embedding->shape[0];
    spec.tiedEmbeddings = !file.findTensor("output.weight");
    spec.attentionBias = file.findTensor("blk.0.attn_q.bias") || file.findTensor("blk.0.attn_qkv.bias");
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
        {"max_position_embeddings", spec.contextLength}, {"tie_word_embeddings", spec.tiedEmbeddings}};
    config[spec.norm == NormKind::RmsNorm ? "rms_norm_eps" : "layer_norm_eps"] = spec.normEpsilon;
    ropeToConfig(spec.rope, config);
    return config;
}

}
