// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/config_reader.h"
#include "families/family.h"

namespace attune::families {
namespace {

/// Defaults: transformers' Qwen2Config (formats.md §2.1). The window counts only when it is switched on,
/// and from layer max_window_layers on.
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec = decoderFromConfig(reader, {.vocabSize = 151936, .intermediateSize = 22016, .kvHeads = 32, .contextLength = 32768});
    spec.attentionBias = true;
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
    Json config = decoderConfig(spec, "Qwen2ForCausalLM", "qwen2");
    config["use_sliding_window"] = spec.slidingWindow > 0;
    if (spec.slidingWindow > 0) {
        config["sliding_window"] = spec.slidingWindow;
        layerTypesToConfig(spec, config);
    }
    return config;
}

}

const Family& qwen2()
{
    static const Family family {
        .id = "qwen2",
        .displayName = "Qwen 2 and 2.5",
        .hfArchitectures = {"Qwen2ForCausalLM"},
        .hfModelTypes = {"qwen2"},
        .ggufArchitectures = {"qwen2"},
        .reference = "arXiv:2407.10671, arXiv:2412.15115",
        .defaultChatTemplate = "chatml",
        .fromConfig = fromConfig,
        .fromGguf = fromGguf,
        .tensors = tensors,
        .toConfig = toConfig,
    };
    return family;
}

}
