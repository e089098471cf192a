// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/config_reader.h"
#include "families/family.h"

#include <cmath>

namespace attune::families {
namespace {

/// What the config does not say: norms multiply by 1 + w, embeddings by the root of their width.
void setFixed(ModelSpec& spec)
{
    spec.normAddsOne = true;
    spec.activation = Activation::GeluTanh;
    spec.embeddingScale = std::sqrt(static_cast<double>(spec.hiddenSize));
}

/// Defaults: transformers' GemmaConfig (formats.md §2.1). "gelu" in older files means the tanh form too.
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec = decoderFromConfig(reader, {.vocabSize = 256000, .hiddenSize = 3072, .intermediateSize = 24576, .layers = 28, .heads = 16, .kvHeads = 16,
        .headDim = 256, .contextLength = 8192, .isTied = true, .activation = Activation::GeluTanh});
    spec.attentionBias = spec.attentionOutputBias = reader.boolean("attention_bias", false);
    setFixed(spec);
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

Result<ModelSpec> fromGguf(const formats::GgufFile& file)
{
    GgufReader reader(file);
    ModelSpec spec = decoderFromGguf(reader);
    setFixed(spec);
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

/// Converted files hold 1 + w (formats.md §4.6).
std::vector<TensorSlot> tensors(const ModelSpec& spec)
{
    return decoderSlots(spec, {.norm = TensorSlot::GgufTransform::NormMinusOne});
}

Json toConfig(const ModelSpec& spec)
{
    Json config = decoderConfig(spec, "GemmaForCausalLM", "gemma");
    config["attention_bias"] = spec.attentionBias;
    config["hidden_activation"] = config["hidden_act"];
    return config;
}

}

const Family& gemma()
{
    static const Family family {
        .id = "gemma",
        .displayName = "Gemma",
        .hfArchitectures = {"GemmaForCausalLM"},
        .hfModelTypes = {"gemma"},
        .ggufArchitectures = {"gemma"},
        .reference = "arXiv:2403.08295",
        .defaultChatTemplate = "gemma",
        .fromConfig = fromConfig,
        .fromGguf = fromGguf,
        .tensors = tensors,
        .toConfig = toConfig,
    };
    return family;
}

}
