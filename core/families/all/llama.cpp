// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/config_reader.h"
#include "families/family.h"

#include <fmt/format.h>

namespace attune::families {
namespace {

using Transform = TensorSlot::GgufTransform;

/// Defaults: transformers' LlamaConfig (formats.md §2.1).
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec;
    spec.vocabSize = reader.size("vocab_size", 32000);
    spec.hiddenSize = reader.size("hidden_size", 4096);
    spec.intermediateSize = reader.size("intermediate_size", 11008);
    spec.layers = reader.size("num_hidden_layers", 32, 10'000);
    spec.heads = reader.size("num_attention_heads", 32);
    spec.kvHeads = reader.size("num_key_value_heads", spec.heads);
    spec.headDim = reader.size("head_dim", std::max<std::int64_t>(1, spec.hiddenSize / spec.heads));
    spec.contextLength = reader.size("max_position_embeddings", 2048, std::int64_t(1) << 32);
    spec.normEpsilon = reader.number("rms_norm_eps", 1e-6);
    spec.attentionBias = spec.attentionOutputBias = reader.boolean("attention_bias", false);
    spec.mlpBias = reader.boolean("mlp_bias", false);
    spec.tiedEmbeddings = reader.boolean("tie_word_embeddings", false);
    const std::string activation = reader.text("hidden_act", "silu");
    if (const auto known = activationFromName(activation))
        spec.activation = *known;
    else
        reader.fail(fmt::format("config.json: the activation \"{}\" is unknown.", activation));
    spec.rope = ropeFromConfig(reader, 10000.0, spec.contextLength);
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

/// llama.cpp rotates neighbouring values where Hugging Face rotates halves, so converted files hold
/// Q and K with their rows interleaved (formats.md §4.6).
std::vector<TensorSlot> tensors(const ModelSpec& spec)
{
    return decoderSlots(spec, {.query = Transform::PermuteQ, .key = Transform::PermuteK});
}

Json toConfig(const ModelSpec& spec)
{
    Json config = decoderConfig(spec, "LlamaForCausalLM", "llama");
    config["attention_bias"] = spec.attentionBias;
    config["mlp_bias"] = spec.mlpBias;
    return config;
}

}

const Family& llama()
{
    static const Family family {
        .id = "llama",
        .displayName = "Llama (SmolLM2, TinyLlama)",
        .hfArchitectures = {"LlamaForCausalLM"},
        .hfModelTypes = {"llama"},
        .ggufArchitectures = {"llama"},
        .reference = "arXiv:2302.13971, arXiv:2407.21783",
        .defaultChatTemplate = "chatml",
        .fromConfig = fromConfig,
        .fromGguf = fromGguf,
        .tensors = tensors,
        .toConfig = toConfig,
    };
    return family;
}

}
