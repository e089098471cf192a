// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/config_reader.h"
#include "families/family.h"

#include <cmath>

namespace attune::families {
namespace {

void setFixed(ModelSpec& spec)
{
    spec.fusedQkv = FusedQkv::Sections;
    spec.fusedGateUp = true;
}

/// Defaults: transformers' Phi3Config (formats.md §2.1). Older files call longrope "su" or "yarn".
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec = decoderFromConfig(reader, {.vocabSize = 32064, .hiddenSize = 3072, .intermediateSize = 8192, .contextLength = 4096, .epsilon = 1e-5});
    if (!spec.rope.longFactors.empty())
        spec.rope.kind = RopeSpec::Kind::LongRope;
    if (reader.has("sliding_window"))
        spec.slidingWindow = reader.size("sliding_window", 2047);
    setFixed(spec);
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

Result<ModelSpec> fromGguf(const formats::GgufFile& file)
{
    GgufReader reader(file);
    ModelSpec spec = decoderFromGguf(reader);
    if (file.integer(file.archKey("attention.sliding_window")).value_or(0) > 0)
        spec.slidingWindow = reader.size("attention.sliding_window");
    setFixed(spec);
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
    Json config = decoderConfig(spec, "Phi3ForCausalLM", "phi3");
    config["sliding_window"] = spec.slidingWindow > 0 ? Json(spec.slidingWindow) : Json();
    config["original_max_position_embeddings"] = spec.rope.originalContext > 0 ? spec.rope.originalContext : spec.contextLength;
    return config;
}

/// The window is a required key, 0 for none.
Json ggufParameters(const ModelSpec& spec)
{
    const auto original = spec.rope.originalContext > 0 ? spec.rope.originalContext : spec.contextLength;
    Json parameters {{"attention.sliding_window", spec.slidingWindow}, {"rope.scaling.original_context_length", original}};
    if (spec.rope.kind == RopeSpec::Kind::LongRope) {
        const double ratio = static_cast<double>(spec.contextLength) / static_cast<double>(original);
        const double derived = ratio > 1 ? std::sqrt(1 + std::log(ratio) / std::log(static_cast<double>(original))) : 1.0;
        parameters["rope.scaling.attn_factor"] = spec.rope.attentionFactor > 0 ? spec.rope.attentionFactor : derived;
    }
    return parameters;
}

std::string reasonAgainstGguf(const ModelSpec& spec)
{
    return spec.rope.kind == RopeSpec::Kind::Dynamic ? "llama.cpp does not scale its rotation dynamically." : "";
}

}

const Family& phi3()
{
    static const Family family {
        .id = "phi3",
        .displayName = "Phi-3 and Phi-4",
        .hfArchitectures = {"Phi3ForCausalLM"},
        .hfModelTypes = {"phi3"},
        .ggufArchitectures = {"phi3"},
        .reference = "arXiv:2404.14219",
        .defaultChatTemplate = "phi3",
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
