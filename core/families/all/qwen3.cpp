// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/config_reader.h"
#include "families/family.h"

namespace attune::families {
namespace {

/// Defaults: transformers' Qwen3Config (formats.md §2.1). Queries and keys are normalised per head, before
/// they are rotated.
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec = decoderFromConfig(reader, {.vocabSize = 151936, .intermediateSize = 22016, .kvHeads = 32, .headDim = 128, .contextLength = 32768});
    spec.queryKeyNorm = true;
    spec.attentionBias = spec.attentionOutputBias = reader.boolean("attention_bias", false);
    if (reader.boolean("use_sliding_window", false)) {
        spec.slidingWindow = reader.size("sliding_window", 4096);
        const auto first = static_cast<std::int64_t>(reader.number("max_window_layers", 28));
        layerTypesFromConfig(reader, spec, [&](std::int64_t layer) { return layer >= first; });
    }
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

Result<ModelSpec> fromGguf(const formats::GgufFile& file)
{
    GgufReader reader(file);
    ModelSpec spec = decoderFromGguf(reader);
    spec.queryKeyNorm = true;
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

std::vector<TensorSlot> tensors(const ModelSpec& spec)
{
    return decoderSlots(spec, {});
}

Json toConfig(const ModelSpec& spec)
{
    Json config = decoderConfig(spec, "Qwen3ForCausalLM", "qwen3");
    config["attention_bias"] = spec.attentionBias;
    config["use_sliding_window"] = spec.slidingWindow > 0;
    if (spec.slidingWindow > 0) {
        config["sliding_window"] = spec.slidingWindow;
        layerTypesToConfig(spec, config);
    }
    return config;
}

}

const Family& qwen3()
{
    static const Family family {
        .id = "qwen3",
        .displayName = "Qwen 3",
        .hfArchitectures = {"Qwen3ForCausalLM"},
        .hfModelTypes = {"qwen3"},
        .ggufArchitectures = {"qwen3"},
        .reference = "arXiv:2505.09388",
        .defaultChatTemplate = "chatml",
        .fromConfig = fromConfig,
        .fromGguf = fromGguf,
        .tensors = tensors,
        .toConfig = toConfig,
    };
    return family;
}

}
