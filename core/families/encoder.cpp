// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/encoder.h"

#include "families/slot_list.h"

#include <fmt/format.h>

#include <algorithm>

namespace attune::families {

using Transform = TensorSlot::GgufTransform;

namespace {

std::int64_t embeddingWidth(const ModelSpec& spec)
{
    return spec.embeddingSize > 0 ? spec.embeddingSize : spec.hiddenSize;
}

void addEmbeddings(SlotList& list, const ModelSpec& spec, const EncoderNames& names)
{
    const auto width = embeddingWidth(spec);
    const auto& body = names.body;
    list.add(body + names.words + ".weight", "token_embd.weight", {spec.vocabSize, width}, Role::Embedding, -1);
    if (spec.learnedPositions)
        list.add(body + names.positions + ".weight", "position_embd.weight", {spec.contextLength + spec.positionOffset, width}, Role::Other, -1);
    if (spec.tokenTypes > 0)
        list.add(body + names.types + ".weight", "token_types.weight", {spec.tokenTypes, width}, Role::Other, -1);
    list.norm(body + names.embeddingNorm, "token_embd_norm", width, -1, Transform::None, spec.normBias);
    if (width != spec.hiddenSize)
        list.linear(body + names.projection, "token_embd_project", spec.hiddenSize, width, Role::Other, -1, true);
}

}

ModelSpec encoderFromConfig(ConfigReader& reader, const EncoderDefaults& defaults)
{
    ModelSpec spec;
    spec.kind = Architecture::Encoder;
    spec.vocabSize = reader.size("vocab_size", defaults.vocabSize);
    spec.hiddenSize = reader.size("hidden_size", defaults.hiddenSize);
    spec.intermediateSize = reader.size("intermediate_size", defaults.intermediateSize);
    spec.layers = reader.size("num_hidden_layers", 12, 10'000);
    spec.heads = spec.kvHeads = reader.size("num_attention_heads", defaults.heads);
    spec.headDim = std::max<std::int64_t>(1, spec.hiddenSize / spec.heads);
    spec.contextLength = reader.size("max_position_embeddings", defaults.contextLength);
    spec.tokenTypes = reader.size("type_vocab_size", defaults.tokenTypes, 1 << 16);
    spec.normEpsilon = reader.number("layer_norm_eps", defaults.epsilon);
    spec.tiedEmbeddings = reader.boolean("tie_word_embeddings", true);
    spec.activation = spec.textActivation = activationFromConfig(reader, "hidden_act", Activation::Gelu);
    spec.hasTextHead = hasTextHead(reader.json());
    if (reader.boolean("is_decoder", false))
        reader.fail("config.json: is_decoder is true; here it is used as an encoder only.");
    if (reader.text("position_embedding_type", "absolute") != "absolute")
        reader.fail("config.json: position_embedding_type is not absolute, which newer programs have given up.");
    setEncoderLayers(spec);
    return spec;
}

void setEncoderLayers(ModelSpec& spec)
{
    spec.kind = Architecture::Encoder;
    spec.norm = NormKind::LayerNorm;
    spec.normPlacement = NormPlacement::Post;
    spec.normBias = true;
    spec.gatedMlp = false;
    spec.attentionBias = spec.attentionOutputBias = spec.mlpBias = true;
    spec.learnedPositions = true;
    spec.rope.kind = RopeSpec::Kind::None;
}

bool hasTextHead(const Json& config)
{
    const auto list = config.find("architectures");
    if (list == config.end() || !list->is_array() || list->empty() || !list->front().is_string())
        return false;
    const auto name = list->front().get<std::string>();
    return name.ends_with("ForMaskedLM") || name.ends_with("ForPreTraining");
}

Result<ModelSpec> encoderFromGguf(const formats::GgufFile& file)
{
    GgufReader reader(file);
    ModelSpec spec = decoderFromGguf(reader);
    setEncoderLayers(spec);
    spec.normEpsilon = reader.number("attention.layer_norm_epsilon");
    spec.activation = spec.textActivation = Activation::Gelu;
    spec.tiedEmbeddings = true;
    // RoBERTa's first two positions are left out when it is converted.
    const auto* types = file.findTensor("token_types.weight");
    spec.tokenTypes = types && types->shape.size() == 2 ? types->shape[0] : 0;
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

std::vector<TensorSlot> encoderSlots(const ModelSpec& spec, const EncoderNames& names)
{
    SlotList list;
    const auto C = spec.hiddenSize;
    addEmbeddings(list, spec, names);
    for (std::int64_t i = 0; i < spec.layers; ++i) {
        const std::string hf = fmt::format("{}{}{}.", names.body, names.layers, i), gguf = fmt::format("blk.{}.", i);
        list.linear(hf + names.query, gguf + "attn_q", C, C, Role::AttnQuery, i, spec.attentionBias);
        list.linear(hf + names.key, gguf + "attn_k", C, C, Role::AttnKey, i, spec.attentionBias);
        list.linear(hf + names.value, gguf + "attn_v", C, C, Role::AttnValue, i, spec.attentionBias);
        list.linear(hf + names.attentionOutput, gguf + "attn_output", C, C, Role::AttnOutput, i, spec.attentionOutputBias);
        list.norm(hf + names.attentionNorm, gguf + "attn_output_norm", C, i, Transform::None, spec.normBias);
        list.linear(hf + names.up, gguf + "ffn_up", spec.intermediateSize, C, Role::MlpUp, i, spec.mlpBias);
        list.linear(hf + names.down, gguf + "ffn_down", C, spec.intermediateSize, Role::MlpDown, i, spec.mlpBias);
        list.norm(hf + names.mlpNorm, gguf + "layer_output_norm", C, i, Transform::None, spec.normBias);
    }
    addTextHead(list, spec, names);
    return std::move(list.slots);
}

void addTextHead(SlotList& list, const ModelSpec& spec, const EncoderNames& names)
{
    if (!spec.hasTextHead)
        return;
    const auto width = embeddingWidth(spec);
    list.linear(names.textDense, "mlm.dense", width, spec.hiddenSize, Role::Other, -1, spec.headBias);
    list.norm(names.textNorm, "mlm.norm", width, -1, Transform::None, spec.normBias);
    list.add(names.textOutput + ".weight", "output.weight", {spec.vocabSize, width}, Role::LmHead, -1, true).isOptional = spec.tiedEmbeddings;
    if (spec.textOutputBias)
        list.add(names.textBias, "output.bias", {spec.vocabSize}, Role::Other, -1);
}

Json encoderConfig(const ModelSpec& spec, const std::string& name, const std::string& modelType)
{
    return Json {{"architectures", {name + (spec.hasTextHead ? "ForMaskedLM" : "Model")}}, {"model_type", modelType}, {"vocab_size", spec.vocabSize},
        {"hidden_size", spec.hiddenSize}, {"intermediate_size", spec.intermediateSize}, {"num_hidden_layers", spec.layers}, {"num_attention_heads", spec.heads},
        {"max_position_embeddings", spec.contextLength + spec.positionOffset}, {"type_vocab_size", spec.tokenTypes}, {"layer_norm_eps", spec.normEpsilon},
        {"hidden_act", activationName(spec.activation)}, {"tie_word_embeddings", spec.tiedEmbeddings}};
}

std::string encoderReasonAgainstGguf(const ModelSpec&)
{
    return "llama.cpp's files have no place for an encoder's heads.";
}

}
