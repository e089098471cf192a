// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/config_reader.h"
#include "families/family.h"

namespace attune::families {
namespace {

using Transform = TensorSlot::GgufTransform;

/// Defaults: transformers' GraniteConfig: a Llama whose embeddings, scores, residuals and logits are scaled.
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec = decoderFromConfig(reader, {});
    spec.attentionBias = spec.attentionOutputBias = reader.boolean("attention_bias", false);
    spec.mlpBias = reader.boolean("mlp_bias", false);
    spec.embeddingScale = reader.number("embedding_multiplier", 1.0);
    spec.residualScale = reader.number("residual_multiplier", 1.0);
    spec.attentionScale = reader.number("attention_multiplier", 1.0);
    const double divisor = reader.number("logits_scaling", 1.0);
    if (!(divisor > 0) || !(spec.attentionScale > 0))
        reader.fail("config.json: logits_scaling or attention_multiplier is not above 0.");
    spec.logitScale = divisor > 0 ? 1.0 / divisor : 1.0;
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

/// llama.cpp divides by logit_scale; a scale of attention of 0 means the usual one.
Result<ModelSpec> fromGguf(const formats::GgufFile& file)
{
    GgufReader reader(file);
    ModelSpec spec = decoderFromGguf(reader);
    spec.embeddingScale = reader.number("embedding_scale", 1.0);
    spec.residualScale = reader.number("residual_scale", 1.0);
    spec.attentionScale = reader.number("attention.scale", 0.0);
    const double divisor = reader.number("logit_scale");
    if (!(divisor > 0))
        reader.fail(ErrorCode::ModelCorrupt, "The value logit_scale is not above 0.");
    spec.logitScale = divisor > 0 ? 1.0 / divisor : 1.0;
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
    Json config = decoderConfig(spec, "GraniteForCausalLM", "granite");
    config["attention_bias"] = spec.attentionBias;
    config["mlp_bias"] = spec.mlpBias;
    config["embedding_multiplier"] = spec.embeddingScale;
    config["residual_multiplier"] = spec.residualScale;
    config["attention_multiplier"] = spec.attentionScale;
    config["logits_scaling"] = 1.0 / spec.logitScale;
    return config;
}

Json ggufParameters(const ModelSpec& spec)
{
    return Json {{"embedding_scale", spec.embeddingScale}, {"residual_scale", spec.residualScale}, {"attention.scale", spec.attentionScale}, {"logit_scale", 1.0 / spec.logitScale}};
}

}

const Family& granite()
{
    static const Family family {
        .id = "granite",
        .displayName = "Granite 3",
        .hfArchitectures = {"GraniteForCausalLM"},
        .hfModelTypes = {"granite"},
        .ggufArchitectures = {"granite"},
        .reference = "github.com/ibm-granite/granite-3.0-language-models",
        .defaultChatTemplate = "chatml",
        .fromConfig = fromConfig,
        .fromGguf = fromGguf,
        .tensors = tensors,
        .toConfig = toConfig,
        .ggufParameters = ggufParameters,
    };
    return family;
}

}
