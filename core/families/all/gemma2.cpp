// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/config_reader.h"
#include "families/family.h"

#include <cmath>

namespace attune::families {
namespace {

void setFixed(ModelSpec& spec)
{
    spec.normAddsOne = true;
    spec.normPlacement = NormPlacement::PrePost;
    spec.activation = Activation::GeluTanh;
    spec.embeddingScale = std::sqrt(static_cast<double>(spec.hiddenSize));
}

/// Every other layer attends to the window, beginning with the first.
bool isSliding(std::int64_t layer)
{
    return layer % 2 == 0;
}

/// Defaults: transformers' Gemma2Config (formats.md §2.1). A null cap means none.
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec = decoderFromConfig(reader, {.vocabSize = 256000, .hiddenSize = 2304, .intermediateSize = 9216, .layers = 26, .heads = 8, .kvHeads = 4,
        .headDim = 256, .contextLength = 8192, .isTied = true, .activationKey = "hidden_activation", .activation = Activation::GeluTanh});
    spec.attentionBias = spec.attentionOutputBias = reader.boolean("attention_bias", false);
    const auto cap = [&](const char* key, double fallback) { return config.contains(key) && config[key].is_null() ? 0.0 : reader.number(key, fallback); };
    spec.attentionSoftcap = cap("attn_logit_softcapping", 50.0);
    spec.logitSoftcap = cap("final_logit_softcapping", 30.0);
    spec.attentionScale = 1.0 / std::sqrt(std::max(1e-9, reader.number("query_pre_attn_scalar", 256)));
    if (!config.contains("sliding_window") || !config["sliding_window"].is_null()) {
        spec.slidingWindow = reader.size("sliding_window", 4096);
        layerTypesFromConfig(reader, spec, isSliding);
    }
    setFixed(spec);
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

/// The scale of queries stands in no key: the model of 46 layers takes the width of a share of the hidden
/// size, the others that of a head.
Result<ModelSpec> fromGguf(const formats::GgufFile& file)
{
    GgufReader reader(file);
    ModelSpec spec = decoderFromGguf(reader);
    spec.attentionSoftcap = reader.number("attn_logit_softcapping", 0.0);
    spec.logitSoftcap = reader.number("final_logit_softcapping", 0.0);
    spec.slidingWindow = reader.size("attention.sliding_window", 4096);
    spec.attentionScale = 1.0 / std::sqrt(static_cast<double>(spec.layers == 46 ? spec.hiddenSize / spec.heads : spec.headDim));
    for (std::int64_t i = 0; i < std::min<std::int64_t>(spec.layers, 10'000); ++i)
        spec.slidingLayers.push_back(isSliding(i));
    setFixed(spec);
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

std::vector<TensorSlot> tensors(const ModelSpec& spec)
{
    return decoderSlots(spec, {.norm = TensorSlot::GgufTransform::NormMinusOne});
}

Json toConfig(const ModelSpec& spec)
{
    Json config = decoderConfig(spec, "Gemma2ForCausalLM", "gemma2");
    config["hidden_activation"] = config["hidden_act"];
    config["attention_bias"] = spec.attentionBias;
    config["attn_logit_softcapping"] = spec.attentionSoftcap > 0 ? Json(spec.attentionSoftcap) : Json();
    config["final_logit_softcapping"] = spec.logitSoftcap > 0 ? Json(spec.logitSoftcap) : Json();
    config["query_pre_attn_scalar"] = std::llround(1.0 / (spec.attentionScale * spec.attentionScale));
    config["sliding_window"] = spec.slidingWindow > 0 ? Json(spec.slidingWindow) : Json();
    layerTypesToConfig(spec, config);
    return config;
}

}

const Family& gemma2()
{
    static const Family family {
        .id = "gemma2",
        .displayName = "Gemma 2",
        .hfArchitectures = {"Gemma2ForCausalLM"},
        .hfModelTypes = {"gemma2"},
        .ggufArchitectures = {"gemma2"},
        .reference = "arXiv:2408.00118",
        .defaultChatTemplate = "gemma",
        .fromConfig = fromConfig,
        .fromGguf = fromGguf,
        .tensors = tensors,
        .toConfig = toConfig,
    };
    return family;
}

}
