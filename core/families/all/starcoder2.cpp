// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/config_reader.h"
#include "families/family.h"

namespace attune::families {
namespace {

/// Defaults: transformers' Starcoder2Config. LayerNorm, an MLP without a gate, biases everywhere.
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec = decoderFromConfig(reader, {.vocabSize = 49152, .hiddenSize = 3072, .intermediateSize = 12288, .layers = 30, .heads = 24, .kvHeads = 2,
        .contextLength = 4096, .epsilonKey = "norm_epsilon", .epsilon = 1e-5, .isTied = true, .activation = Activation::GeluTanh});
    spec.norm = NormKind::LayerNorm;
    spec.normBias = true;
    spec.gatedMlp = false;
    spec.attentionBias = spec.attentionOutputBias = spec.mlpBias = reader.boolean("use_bias", true);
    if (reader.has("sliding_window"))
        spec.slidingWindow = reader.size("sliding_window", 4096);
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

Result<ModelSpec> fromGguf(const formats::GgufFile& file)
{
    GgufReader reader(file);
    ModelSpec spec = decoderFromGguf(reader);
    spec.gatedMlp = false;
    spec.activation = Activation::GeluTanh;
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

std::vector<TensorSlot> tensors(const ModelSpec& spec)
{
    return decoderSlots(spec, {.up = "c_fc", .down = "c_proj"});
}

Json toConfig(const ModelSpec& spec)
{
    Json config = decoderConfig(spec, "Starcoder2ForCausalLM", "starcoder2");
    config.erase("layer_norm_eps");
    config["norm_epsilon"] = spec.normEpsilon;
    config["use_bias"] = spec.attentionBias;
    config["sliding_window"] = spec.slidingWindow > 0 ? Json(spec.slidingWindow) : Json();
    return config;
}

}

const Family& starcoder2()
{
    static const Family family {
        .id = "starcoder2",
        .displayName = "StarCoder 2",
        .hfArchitectures = {"Starcoder2ForCausalLM"},
        .hfModelTypes = {"starcoder2"},
        .ggufArchitectures = {"starcoder2"},
        .reference = "arXiv:2402.19173",
        .defaultChatTemplate = "chatml",
        .fromConfig = fromConfig,
        .fromGguf = fromGguf,
        .tensors = tensors,
        .toConfig = toConfig,
    };
    return family;
}

}
