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
    spec.queryKeyNorm = true;
    spec.activation = Activation::GeluTanh;
    spec.embeddingScale = std::sqrt(static_cast<double>(spec.hiddenSize));
}

/// transformers 5 keeps one set of rope parameters per kind of layer, version 4 a local base beside the others.
void readRope(ConfigReader& reader, ModelSpec& spec)
{
    const Json& config = reader.json();
    spec.localRopeTheta = reader.number("rope_local_base_freq", 10000.0);
    const auto parameters = config.find("rope_parameters");
    if (parameters == config.end() || !parameters->is_object() || !parameters->contains("full_attention"))
        return;
    Json global {{"rope_parameters", (*parameters)["full_attention"]}};
    ConfigReader globalReader(global);
    spec.rope = ropeFromConfig(globalReader, 1e6, spec.contextLength);
    if (const auto local = parameters->find("sliding_attention"); local != parameters->end() && local->is_object()) {
        ConfigReader localReader(*local);
        spec.localRopeTheta = localReader.number("rope_theta", 10000.0);
        if (localReader.text("rope_type", "default") != "default")
            reader.fail("config.json: the rotary embedding of the sliding layers is scaled, which no model of this family does.");
    }
    if (const auto status = globalReader.status(); !status)
        reader.fail(status.error().message);
}

/// transformers 4 reads these keys at the top, 5 inside rope_parameters; ropeFromConfig() reads only the former.
Json withoutNestedRope(const Json& config)
{
    Json flat = config;
    if (const auto it = flat.find("rope_parameters"); it != flat.end() && it->is_object() && it->contains("full_attention"))
        flat.erase(it);
    return flat;
}

/// Defaults: transformers' Gemma3TextConfig (formats.md §2.1). A null cap means none.
Result<ModelSpec> fromConfig(const Json& config)
{
    const Json flat = withoutNestedRope(config);
    ConfigReader reader(flat);
    ModelSpec spec = decoderFromConfig(reader, {.vocabSize = 262208, .hiddenSize = 2304, .intermediateSize = 9216, .layers = 26, .heads = 8, .kvHeads = 4,
        .headDim = 256, .contextLength = 131072, .theta = 1e6, .isTied = true, .activationKey = "hidden_activation", .activation = Activation::GeluTanh});
    ConfigReader whole(config);
    readRope(whole, spec);
    ATTUNE_RETURN_IF_ERROR(whole.status());
    if (reader.boolean("use_bidirectional_attention", false))
        return fail(ErrorCode::ModelUnsupported, "It attends in both directions, as embedding models do.");
    spec.attentionBias = spec.attentionOutputBias = reader.boolean("attention_bias", false);
    spec.attentionSoftcap = reader.number("attn_logit_softcapping", 0.0);
    spec.logitSoftcap = reader.number("final_logit_softcapping", 0.0);
    spec.attentionScale = 1.0 / std::sqrt(std::max(1e-9, reader.number("query_pre_attn_scalar", 256)));
    if (!config.contains("sliding_window") || !config["sliding_window"].is_null()) {
        spec.slidingWindow = reader.size("sliding_window", 4096);
        const auto pattern = reader.size("sliding_window_pattern", 6);
        layerTypesFromConfig(reader, spec, [&](std::int64_t layer) { return (layer + 1) % pattern != 0; });
    }
    setFixed(spec);
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

/// The pattern of layers and, in older files, the local base stand in no key. The scale of queries: as gemma2's,
/// with 62 layers for the largest.
Result<ModelSpec> fromGguf(const formats::GgufFile& file)
{
    GgufReader reader(file);
    ModelSpec spec = decoderFromGguf(reader);
    if (!file.number(file.archKey("rope.freq_base")))
        spec.rope.theta = 1e6;
    spec.localRopeTheta = reader.number("rope.freq_base_swa", 10000.0);
    spec.logitSoftcap = reader.number("final_logit_softcapping", 0.0);
    spec.attentionScale = 1.0 / std::sqrt(static_cast<double>(spec.layers == 62 ? spec.hiddenSize / spec.heads : spec.headDim));
    if (file.integer(file.archKey("attention.sliding_window")).value_or(0) > 0) {
        spec.slidingWindow = reader.size("attention.sliding_window");
        for (std::int64_t i = 0; i < std::min<std::int64_t>(spec.layers, 10'000); ++i)
            spec.slidingLayers.push_back(i % 6 < 5);
    }
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
    Json config = decoderConfig(spec, "Gemma3ForCausalLM", "gemma3_text");
    config["hidden_activation"] = config["hidden_act"];
    config["attention_bias"] = spec.attentionBias;
    config["rope_local_base_freq"] = spec.localRopeTheta;
    config["attn_logit_softcapping"] = spec.attentionSoftcap > 0 ? Json(spec.attentionSoftcap) : Json();
    config["final_logit_softcapping"] = spec.logitSoftcap > 0 ? Json(spec.logitSoftcap) : Json();
    config["query_pre_attn_scalar"] = std::llround(1.0 / (spec.attentionScale * spec.attentionScale));
    config["sliding_window"] = spec.slidingWindow > 0 ? Json(spec.slidingWindow) : Json();
    layerTypesToConfig(spec, config);
    return config;
}

Json ggufParameters(const ModelSpec& spec)
{
    return Json {{"rope.freq_base_swa", spec.localRopeTheta}};
}

/// llama.cpp knows the pattern of layers, not a list of them.
std::string reasonAgainstGguf(const ModelSpec& spec)
{
    for (std::int64_t i = 0; i < spec.layers; ++i)
        if (spec.slidingWindow > 0 && spec.slidesIn(i) != (i % 6 < 5))
            return "llama.cpp takes five sliding layers to each full one; this model has another pattern.";
    return {};
}

}

const Family& gemma3()
{
    static const Family family {
        .id = "gemma3",
        .displayName = "Gemma 3 (text)",
        .hfArchitectures = {"Gemma3ForCausalLM"},
        .hfModelTypes = {"gemma3_text"},
        .ggufArchitectures = {"gemma3"},
        .reference = "arXiv:2503.19786",
        .defaultChatTemplate = "gemma",
        .fromConfig = fromConfig,
        .fromGguf = fromGguf,
        .tensors = tensors,
        .toConfig = toConfig,
        .ggufParameters = ggufParameters,
        .reasonAgainstGguf = reasonAgainstGguf,
    };
    return family;
}

}
