// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/config_reader.h"
#include "families/family.h"

namespace attune::families {
namespace {

/// Norms stand behind attention and MLP, and queries and keys are normalised over all heads at once.
void setFixed(ModelSpec& spec)
{
    spec.normPlacement = NormPlacement::Post;
    spec.normScalesInFloat = true;
    spec.queryKeyNorm = spec.queryKeyNormIsWhole = true;
}

/// Defaults: transformers' Olmo2Config (formats.md §2.1).
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec = decoderFromConfig(reader, {.vocabSize = 50304, .epsilon = 1e-5});
    spec.attentionBias = spec.attentionOutputBias = reader.boolean("attention_bias", false);
    setFixed(spec);
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

Result<ModelSpec> fromGguf(const formats::GgufFile& file)
{
    GgufReader reader(file);
    if (file.integer(file.archKey("attention.sliding_window")).value_or(0) > 0)
        return fail(ErrorCode::ModelUnsupported, "It is an OLMo 3 with sliding layers, which are rotated in another way.");
    ModelSpec spec = decoderFromGguf(reader);
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
    Json config = decoderConfig(spec, "Olmo2ForCausalLM", "olmo2");
    config["attention_bias"] = spec.attentionBias;
    return config;
}

}

const Family& olmo2()
{
    static const Family family {
        .id = "olmo2",
        .displayName = "OLMo 2",
        .hfArchitectures = {"Olmo2ForCausalLM"},
        .hfModelTypes = {"olmo2"},
        .ggufArchitectures = {"olmo2"},
        .reference = "arXiv:2501.00656",
        .defaultChatTemplate = "chatml",
        .fromConfig = fromConfig,
        .fromGguf = fromGguf,
        .tensors = tensors,
        .toConfig = toConfig,
    };
    return family;
}

}
