// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/encoder.h"
#include "families/family.h"
#include "families/slot_list.h"

#include <fmt/format.h>

#include <algorithm>

namespace attune::families {
namespace {

using Transform = TensorSlot::GgufTransform;

void setFixed(ModelSpec& spec)
{
    spec.kind = Architecture::Encoder;
    spec.norm = NormKind::LayerNorm;
    spec.fusedQkv = FusedQkv::Sections;
    spec.gatedMlp = spec.fusedGateUp = true;
}

/// transformers 5 keeps a set of rotary parameters for each kind of layer, version 4 two bases.
void readRope(ConfigReader& reader, ModelSpec& spec)
{
    spec.rope.theta = reader.number("global_rope_theta", 160000.0);
    spec.localRopeTheta = reader.number("local_rope_theta", 10000.0);
    const auto parameters = reader.json().find("rope_parameters");
    if (parameters == reader.json().end() || !parameters->is_object())
        return;
    for (const bool isLocal : {false, true}) {
        const auto part = parameters->find(isLocal ? "sliding_attention" : "full_attention");
        if (part == parameters->end() || !part->is_object())
            continue;
        ConfigReader rope(*part);
        auto& theta = isLocal ? spec.localRopeTheta : spec.rope.theta;
        theta = rope.number("rope_theta", theta);
        if (rope.text("rope_type", "default") != "default")
            reader.fail("config.json: the rotary embedding is scaled, which no model of this family does.");
        if (const auto status = rope.status(); !status)
            reader.fail(status.error().message);
    }
}

/// Defaults: transformers' ModernBertConfig (formats.md §2.3). The window is half of local_attention to either side.
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec;
    spec.vocabSize = reader.size("vocab_size", 50368);
    spec.hiddenSize = reader.size("hidden_size", 768);
    spec.intermediateSize = reader.size("intermediate_size", 1152);
    spec.layers = reader.size("num_hidden_layers", 22, 10'000);
    spec.heads = spec.kvHeads = reader.size("num_attention_heads", 12);
    spec.headDim = std::max<std::int64_t>(1, spec.hiddenSize / spec.heads);
    spec.contextLength = reader.size("max_position_embeddings", 8192);
    spec.normEpsilon = reader.number("norm_eps", 1e-5);
    spec.normBias = reader.boolean("norm_bias", false);
    spec.attentionBias = spec.attentionOutputBias = reader.boolean("attention_bias", false);
    spec.mlpBias = reader.boolean("mlp_bias", false);
    spec.headBias = reader.boolean("classifier_bias", false);
    spec.textOutputBias = reader.boolean("decoder_bias", true);
    spec.tiedEmbeddings = reader.boolean("tie_word_embeddings", true);
    spec.activation = activationFromConfig(reader, "hidden_activation", Activation::Gelu);
    spec.textActivation = spec.labelActivation = activationFromConfig(reader, "classifier_activation", Activation::Gelu);
    spec.poolsMean = reader.text("classifier_pooling", "cls") == "mean";
    spec.hasTextHead = hasTextHead(config);
    spec.slidingWindow = std::max<std::int64_t>(1, reader.size("local_attention", 128) / 2);
    const auto every = reader.size("global_attn_every_n_layers", 3);
    layerTypesFromConfig(reader, spec, [&](std::int64_t layer) { return layer % every != 0; });
    readRope(reader, spec);
    setFixed(spec);
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

/// llama.cpp keeps the whole width of the window and, where it is not the usual one, which layers see all.
Result<ModelSpec> fromGguf(const formats::GgufFile& file)
{
    GgufReader reader(file);
    ModelSpec spec = decoderFromGguf(reader);
    spec.rope.kind = RopeSpec::Kind::Default;
    spec.rope.theta = reader.number("rope.freq_base", 160000.0);
    spec.localRopeTheta = reader.number("rope.freq_base_swa", 10000.0);
    const std::string activation = file.text(file.archKey("hidden_activation")).value_or("gelu");
    if (const auto known = activationFromName(activation))
        spec.activation = *known;
    else
        reader.fail(ErrorCode::ModelUnsupported, fmt::format("Its activation {} is unknown.", activation));
    spec.textActivation = spec.labelActivation = Activation::Gelu;
    spec.headBias = false;
    spec.tiedEmbeddings = true;
    spec.slidingWindow = std::max<std::int64_t>(1, reader.size("attention.sliding_window", 128) / 2);
    const auto every = reader.size("attention.sliding_window_pattern", 3);
    for (std::int64_t layer = 0; layer < std::min<std::int64_t>(spec.layers, 10'000); ++layer)
        spec.slidingLayers.push_back(layer % every != 0);
    setFixed(spec);
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

/// The first layer has no norm before its attention: the embeddings' own is there already.
std::vector<TensorSlot> tensors(const ModelSpec& spec)
{
    SlotList list;
    const auto C = spec.hiddenSize;
    list.add("model.embeddings.tok_embeddings.weight", "token_embd.weight", {spec.vocabSize, C}, Role::Embedding, -1);
    list.norm("model.embeddings.norm", "token_embd_norm", C, -1, Transform::None, spec.normBias);
    for (std::int64_t i = 0; i < spec.layers; ++i) {
        const std::string hf = fmt::format("model.layers.{}.", i), gguf = fmt::format("blk.{}.", i);
        if (i > 0)
            list.norm(hf + "attn_norm", gguf + "attn_norm", C, i, Transform::None, spec.normBias);
        list.linear(hf + "attn.Wqkv", gguf + "attn_qkv", 3 * C, C, Role::AttnQuery, i, spec.attentionBias);
        list.linear(hf + "attn.Wo", gguf + "attn_output", C, C, Role::AttnOutput, i, spec.attentionOutputBias);
        list.norm(hf + "mlp_norm", gguf + "ffn_norm", C, i, Transform::None, spec.normBias);
        list.linear(hf + "mlp.Wi", gguf + "ffn_up", 2 * spec.intermediateSize, C, Role::MlpUp, i, spec.mlpBias);
        list.linear(hf + "mlp.Wo", gguf + "ffn_down", C, spec.intermediateSize, Role::MlpDown, i, spec.mlpBias);
    }
    list.norm("model.final_norm", "output_norm", C, -1, Transform::None, spec.normBias);
    EncoderNames names;
    names.textDense = "head.dense";
    names.textNorm = "head.norm";
    names.textOutput = "decoder";
    names.textBias = "decoder.bias";
    addTextHead(list, spec, names);
    return std::move(list.slots);
}

Json toConfig(const ModelSpec& spec)
{
    Json config {{"architectures", {spec.hasTextHead ? "ModernBertForMaskedLM" : "ModernBertModel"}}, {"model_type", "modernbert"}, {"vocab_size", spec.vocabSize},
        {"hidden_size", spec.hiddenSize}, {"intermediate_size", spec.intermediateSize}, {"num_hidden_layers", spec.layers}, {"num_attention_heads", spec.heads},
        {"max_position_embeddings", spec.contextLength}, {"norm_eps", spec.normEpsilon}, {"norm_bias", spec.normBias}, {"attention_bias", spec.attentionBias},
        {"mlp_bias", spec.mlpBias}, {"classifier_bias", spec.headBias}, {"decoder_bias", spec.textOutputBias}, {"tie_word_embeddings", spec.tiedEmbeddings},
        {"hidden_activation", activationName(spec.activation)}, {"classifier_activation", activationName(spec.textActivation)},
        {"classifier_pooling", spec.poolsMean ? "mean" : "cls"}, {"local_attention", 2 * spec.slidingWindow}, {"global_rope_theta", spec.rope.theta},
        {"local_rope_theta", spec.localRopeTheta},
        {"rope_parameters", {{"full_attention", {{"rope_type", "default"}, {"rope_theta", spec.rope.theta}}}, {"sliding_attention", {{"rope_type", "default"}, {"rope_theta", spec.localRopeTheta}}}}}};
    layerTypesToConfig(spec, config);
    return config;
}

}

const Family& modernbert()
{
    static const Family family {
        .id = "modernbert",
        .displayName = "ModernBERT",
        .hfArchitectures = {"ModernBertForMaskedLM", "ModernBertModel"},
        .hfModelTypes = {"modernbert"},
        .ggufArchitectures = {"modern-bert"},
        .reference = "arXiv:2412.13663; transformers 5 modeling_modernbert",
        .defaultChatTemplate = "",
        .fromConfig = fromConfig,
        .fromGguf = fromGguf,
        .tensors = tensors,
        .toConfig = toConfig,
        .reasonAgainstGguf = encoderReasonAgainstGguf,
        .labelHead = {.dense = "head.dense", .norm = "head.norm", .output = "classifier", .tokenOutput = "classifier", .tokensPassDense = true},
    };
    return family;
}

}
