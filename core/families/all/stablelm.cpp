// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/config_reader.h"
#include "families/family.h"

namespace attune::families {
namespace {

constexpr const char* kHeadNorms = "It normalises each head with weights of its own.";

/// Defaults: transformers' StableLmConfig. LayerNorm, a quarter of each head rotated, the residual parallel in
/// some sizes (then one norm feeds attention and MLP).
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec = decoderFromConfig(reader, {.vocabSize = 50304, .hiddenSize = 2560, .intermediateSize = 6912, .kvHeads = 32, .contextLength = 4096,
        .epsilonKey = "layer_norm_eps", .epsilon = 1e-5});
    const auto rope = config.find("rope_parameters");
    if (!config.contains("partial_rotary_factor") && !(rope != config.end() && rope->is_object() && rope->contains("partial_rotary_factor")))
        spec.rope.partialFactor = 0.25;
    spec.norm = NormKind::LayerNorm;
    spec.normBias = true;
    spec.attentionBias = reader.boolean("use_qkv_bias", false);
    spec.parallelResidual = reader.boolean("use_parallel_residual", false);
    if (reader.boolean("qk_layernorm", false))
        return fail(ErrorCode::ModelUnsupported, kHeadNorms);
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

/// llama.cpp tells the two residuals apart by whether the norm before the MLP is there.
Result<ModelSpec> fromGguf(const formats::GgufFile& file)
{
    GgufReader reader(file);
    ModelSpec spec = decoderFromGguf(reader);
    spec.parallelResidual = !file.findTensor("blk.0.ffn_norm.weight");
    if (file.findTensor("blk.0.attn_q_norm.weight"))
        return fail(ErrorCode::ModelUnsupported, kHeadNorms);
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
    Json config = decoderConfig(spec, "StableLmForCausalLM", "stablelm");
    config["partial_rotary_factor"] = spec.rope.partialFactor;
    config["use_qkv_bias"] = spec.attentionBias;
    config["use_parallel_residual"] = spec.parallelResidual;
    return config;
}

Json ggufParameters(const ModelSpec& spec)
{
    return Json {{"use_parallel_residual", spec.parallelResidual}};
}

}

const Family& stablelm()
{
    static const Family family {
        .id = "stablelm",
        .displayName = "StableLM",
        .hfArchitectures = {"StableLmForCausalLM"},
        .hfModelTypes = {"stablelm"},
        .ggufArchitectures = {"stablelm"},
        .reference = "arXiv:2402.17834",
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
