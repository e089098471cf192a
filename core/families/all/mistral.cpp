// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/config_reader.h"
#include "families/family.h"

namespace attune::families {
namespace {

using Transform = TensorSlot::GgufTransform;

/// Defaults: transformers' MistralConfig (formats.md §2.1). A null window means none.
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec = decoderFromConfig(reader, {.intermediateSize = 14336, .kvHeads = 8, .contextLength = 131072});
    const auto window = config.find("sliding_window");
    if (window == config.end() || !window->is_null())
        spec.slidingWindow = reader.size("sliding_window", 4096);
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

/// Converted files say "llama", which is read by that family: they hold no window.
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
    return decoderSlots(spec, {.query = Transform::PermuteQ, .key = Transform::PermuteK});
}

Json toConfig(const ModelSpec& spec)
{
    Json config = decoderConfig(spec, "MistralForCausalLM", "mistral");
    config["sliding_window"] = spec.slidingWindow > 0 ? Json(spec.slidingWindow) : Json();
    return config;
}

}

const Family& mistral()
{
    static const Family family {
        .id = "mistral",
        .displayName = "Mistral",
        .hfArchitectures = {"MistralForCausalLM"},
        .hfModelTypes = {"mistral"},
        .ggufArchitectures = {"llama"},
        .reference = "arXiv:2310.06825",
        .defaultChatTemplate = "mistral",
        .fromConfig = fromConfig,
        .fromGguf = fromGguf,
        .tensors = tensors,
        .toConfig = toConfig,
    };
    return family;
}

}
