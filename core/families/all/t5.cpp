// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/config_reader.h"
#include "families/family.h"
#include "families/slot_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace attune::families {
namespace {

/// `relu`, or `gated-gelu` with the formula of gelu_new, or `gated-` before any other.
void readActivation(ConfigReader& reader, ModelSpec& spec)
{
    std::string name = reader.text("feed_forward_proj", "relu");
    spec.gatedMlp = name.starts_with("gated-");
    if (spec.gatedMlp)
        name = name == "gated-gelu" ? "gelu_new" : name.substr(6);
    const auto known = activationFromName(name);
    if (!known)
        reader.fail(fmt::format("config.json: the activation \"{}\" is unknown.", name));
    spec.activation = known.value_or(Activation::Relu);
}

/// Defaults: transformers' T5Config. Layers are those of the encoder and behind them those of the decoder. Where the embeddings
/// are not tied, older files do not scale the logits either.
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec;
    spec.kind = Architecture::EncoderDecoder;
    spec.vocabSize = reader.size("vocab_size", 32128);
    spec.hiddenSize = reader.size("d_model", 512);
    spec.intermediateSize = reader.size("d_ff", 2048);
    spec.encoderLayers = reader.size("num_layers", 6, 5'000);
    spec.layers = spec.encoderLayers + reader.size("num_decoder_layers", spec.encoderLayers, 5'000);
    spec.heads = spec.kvHeads = reader.size("num_heads", 8);
    spec.headDim = reader.size("d_kv", 64);
    spec.contextLength = reader.size("n_positions", 512);
    spec.normEpsilon = reader.number("layer_norm_epsilon", 1e-6);
    spec.relativeBuckets = reader.size("relative_attention_num_buckets", 32, 1 << 20);
    spec.relativeDistance = reader.size("relative_attention_max_distance", 128);
    spec.tiedEmbeddings = reader.boolean("tie_word_embeddings", true);
    spec.logitScale = reader.boolean("scale_decoder_outputs", spec.tiedEmbeddings) ? 1.0 / std::sqrt(static_cast<double>(spec.hiddenSize)) : 1.0;
    spec.attentionScale = 1.0;
    spec.decoderStart = reader.has("decoder_start_token_id") ? static_cast<std::int64_t>(reader.number("decoder_start_token_id", 0)) : 0;
    spec.rope.kind = RopeSpec::Kind::None;
    readActivation(reader, spec);
    if (spec.relativeBuckets < 4 || spec.relativeDistance <= spec.relativeBuckets / 2)
        reader.fail("config.json: relative_attention_num_buckets and relative_attention_max_distance do not fit together.");
    if (spec.decoderStart < 0 || spec.decoderStart >= spec.vocabSize)
        reader.fail("config.json: decoder_start_token_id lies outside the vocabulary.");
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

/// llama.cpp has one distance from which on all share a row, and says nothing of scaled logits: they belong to tied embeddings.
Result<ModelSpec> fromGguf(const formats::GgufFile& file)
{
    constexpr std::int64_t kDistance = 128;
    GgufReader reader(file);
    ModelSpec spec;
    spec.kind = Architecture::EncoderDecoder;
    spec.encoderLayers = reader.size("block_count", {}, 5'000);
    spec.layers = spec.encoderLayers + reader.size("decoder_block_count", spec.encoderLayers, 5'000);
    spec.hiddenSize = reader.size("embedding_length");
    spec.intermediateSize = reader.size("feed_forward_length");
    spec.heads = spec.kvHeads = reader.size("attention.head_count");
    spec.headDim = reader.size("attention.key_length", std::max<std::int64_t>(1, spec.hiddenSize / spec.heads));
    spec.contextLength = reader.size("context_length", 512);
    spec.normEpsilon = reader.number("attention.layer_norm_rms_epsilon");
    spec.relativeBuckets = reader.size("attention.relative_buckets_count");
    spec.relativeDistance = kDistance;
    spec.decoderStart = file.integer(file.archKey("decoder_start_token_id")).value_or(0);
    const auto* embedding = file.findTensor("token_embd.weight");
    if (!embedding || embedding->shape.size() != 2)
        reader.fail(ErrorCode::ModelCorrupt, fmt::format("{} holds no token_embd.weight.", file.path()));
    else
        spec.vocabSize = embedding->shape[0];
    spec.tiedEmbeddings = !file.findTensor("output.weight");
    spec.logitScale = spec.tiedEmbeddings ? 1.0 / std::sqrt(static_cast<double>(spec.hiddenSize)) : 1.0;
    spec.attentionScale = 1.0;
    spec.rope.kind = RopeSpec::Kind::None;
    spec.gatedMlp = file.findTensor("enc.blk.0.ffn_gate.weight") != nullptr;
    spec.activation = spec.gatedMlp ? Activation::GeluTanh : Activation::Relu;
    if (spec.relativeBuckets < 4 || spec.relativeDistance <= spec.relativeBuckets / 2 || spec.decoderStart < 0 || spec.decoderStart >= spec.vocabSize)
        reader.fail(ErrorCode::ModelCorrupt, fmt::format("{}: its table of distances or its start token is impossible.", file.path()));
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

std::string reasonAgainstGguf(const ModelSpec&)
{
    return "A GGUF file of an encoder-decoder is not written here.";
}

void addAttention(SlotList& list, const ModelSpec& spec, const std::string& hf, const std::string& gguf, std::int64_t layer)
{
    const auto C = spec.hiddenSize, W = spec.queryWidth();
    list.linear(hf + "q", gguf + "_q", W, C, Role::AttnQuery, layer, false);
    list.linear(hf + "k", gguf + "_k", W, C, Role::AttnKey, layer, false);
    list.linear(hf + "v", gguf + "_v", W, C, Role::AttnValue, layer, false);
    list.linear(hf + "o", gguf + "_o", C, W, Role::AttnOutput, layer, false);
}

void addLayer(SlotList& list, const ModelSpec& spec, std::int64_t layer)
{
    const bool isDecoder = layer >= spec.encoderLayers;
    const auto index = isDecoder ? layer - spec.encoderLayers : layer;
    const std::string hf = fmt::format("{}.block.{}.layer.", isDecoder ? "decoder" : "encoder", index), gguf = fmt::format("{}.blk.{}.", isDecoder ? "dec" : "enc", index);
    const auto C = spec.hiddenSize;
    addAttention(list, spec, hf + "0.SelfAttention.", gguf + "attn", layer);
    if (index == 0)
        list.add(hf + "0.SelfAttention.relative_attention_bias.weight", gguf + "attn_rel_b.weight", {spec.relativeBuckets, spec.heads}, Role::Other, layer);
    list.norm(hf + "0.layer_norm", gguf + "attn_norm", C, layer);
    if (isDecoder) {
        addAttention(list, spec, hf + "1.EncDecAttention.", gguf + "cross_attn", layer);
        list.norm(hf + "1.layer_norm", gguf + "cross_attn_norm", C, layer);
    }
    const std::string mlp = hf + (isDecoder ? "2" : "1");
    if (spec.gatedMlp)
        list.linear(mlp + ".DenseReluDense.wi_0", gguf + "ffn_gate", spec.intermediateSize, C, Role::MlpGate, layer, false);
    list.linear(mlp + ".DenseReluDense." + (spec.gatedMlp ? "wi_1" : "wi"), gguf + "ffn_up", spec.intermediateSize, C, Role::MlpUp, layer, false);
    list.linear(mlp + ".DenseReluDense.wo", gguf + "ffn_down", C, spec.intermediateSize, Role::MlpDown, layer, false);
    list.norm(mlp + ".layer_norm", gguf + "ffn_norm", C, layer);
}

std::vector<TensorSlot> tensors(const ModelSpec& spec)
{
    SlotList list;
    list.add("shared.weight", "token_embd.weight", {spec.vocabSize, spec.hiddenSize}, Role::Embedding, -1);
    for (std::int64_t layer = 0; layer < spec.layers; ++layer)
        addLayer(list, spec, layer);
    list.norm("encoder.final_layer_norm", "enc.output_norm", spec.hiddenSize, -1);
    list.norm("decoder.final_layer_norm", "dec.output_norm", spec.hiddenSize, -1);
    list.head("lm_head", spec);
    return std::move(list.slots);
}

Json toConfig(const ModelSpec& spec)
{
    const std::string activation = spec.activation == Activation::GeluTanh ? (spec.gatedMlp ? "gelu" : "gelu_new") : std::string(activationName(spec.activation));
    return Json {{"architectures", {"T5ForConditionalGeneration"}}, {"model_type", "t5"}, {"vocab_size", spec.vocabSize}, {"d_model", spec.hiddenSize},
        {"d_ff", spec.intermediateSize}, {"d_kv", spec.headDim}, {"num_layers", spec.encoderLayers}, {"num_decoder_layers", spec.layers - spec.encoderLayers},
        {"num_heads", spec.heads}, {"n_positions", spec.contextLength}, {"layer_norm_epsilon", spec.normEpsilon},
        {"relative_attention_num_buckets", spec.relativeBuckets}, {"relative_attention_max_distance", spec.relativeDistance},
        {"tie_word_embeddings", spec.tiedEmbeddings}, {"scale_decoder_outputs", spec.logitScale != 1.0}, {"decoder_start_token_id", spec.decoderStart}, {"is_encoder_decoder", true},
        {"feed_forward_proj", (spec.gatedMlp ? "gated-" : "") + activation}, {"pad_token_id", 0}, {"eos_token_id", 1}};
}

}

const Family& t5()
{
    static const Family family {
        .id = "t5",
        .displayName = "T5",
        .hfArchitectures = {"T5ForConditionalGeneration"},
        .hfModelTypes = {"t5"},
        .ggufArchitectures = {"t5"},
        .reference = "arXiv:1910.10683; transformers 5 modeling_t5",
        .defaultChatTemplate = "",
        .fromConfig = fromConfig,
        .fromGguf = fromGguf,
        .tensors = tensors,
        .toConfig = toConfig,
        .reasonAgainstGguf = reasonAgainstGguf,
    };
    return family;
}

}
