// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/config_reader.h"
#include "families/family.h"
#include "families/slot_list.h"

#include <fmt/format.h>

namespace attune::families {
namespace {

using Transform = TensorSlot::GgufTransform;

void setFixed(ModelSpec& spec)
{
    spec.norm = NormKind::LayerNorm;
    spec.normBias = true;
    spec.gatedMlp = false;
    spec.mlpBias = true;
    spec.fusedQkv = FusedQkv::Groups;
}

/// Defaults: transformers' GPTNeoXConfig (formats.md §2.2). A quarter of each head is rotated unless the
/// config says otherwise, in rotary_pct (transformers 4) or rope_parameters (5).
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec;
    spec.vocabSize = reader.size("vocab_size", 50432);
    spec.hiddenSize = reader.size("hidden_size", 6144);
    spec.intermediateSize = reader.size("intermediate_size", 24576);
    spec.layers = reader.size("num_hidden_layers", 44, 10'000);
    spec.heads = spec.kvHeads = reader.size("num_attention_heads", 64);
    spec.headDim = std::max<std::int64_t>(1, spec.hiddenSize / spec.heads);
    spec.contextLength = reader.size("max_position_embeddings", 2048, std::int64_t(1) << 32);
    spec.normEpsilon = reader.number("layer_norm_eps", 1e-5);
    spec.tiedEmbeddings = reader.boolean("tie_word_embeddings", false);
    spec.activation = activationFromConfig(reader, "hidden_act", Activation::Gelu);
    spec.attentionBias = spec.attentionOutputBias = reader.boolean("attention_bias", true);
    spec.parallelResidual = reader.boolean("use_parallel_residual", true);
    spec.rope = ropeFromConfig(reader, reader.number("rotary_emb_base", 10000.0), spec.contextLength);
    const auto parameters = config.find("rope_parameters");
    if (!(parameters != config.end() && parameters->is_object() && parameters->contains("partial_rotary_factor")))
        spec.rope.partialFactor = reader.number("rotary_pct", 0.25);
    setFixed(spec);
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

Result<ModelSpec> fromGguf(const formats::GgufFile& file)
{
    GgufReader reader(file);
    ModelSpec spec = decoderFromGguf(reader);
    spec.activation = Activation::Gelu;
    spec.parallelResidual = file.boolean(file.archKey("use_parallel_residual")).value_or(true);
    setFixed(spec);
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

std::vector<TensorSlot> tensors(const ModelSpec& spec)
{
    SlotList list;
    const auto C = spec.hiddenSize;
    list.add("gpt_neox.embed_in.weight", "token_embd.weight", {spec.vocabSize, C}, Role::Embedding, -1);
    for (std::int64_t i = 0; i < spec.layers; ++i) {
        const std::string hf = fmt::format("gpt_neox.layers.{}.", i), gguf = fmt::format("blk.{}.", i);
        list.norm(hf + "input_layernorm", gguf + "attn_norm", C, i, Transform::None, true);
        list.linear(hf + "attention.query_key_value", gguf + "attn_qkv", 3 * C, C, Role::AttnQuery, i, spec.attentionBias, Transform::Ungroup);
        list.linear(hf + "attention.dense", gguf + "attn_output", C, C, Role::AttnOutput, i, spec.attentionOutputBias);
        list.norm(hf + "post_attention_layernorm", gguf + "ffn_norm", C, i, Transform::None, true);
        list.linear(hf + "mlp.dense_h_to_4h", gguf + "ffn_up", spec.intermediateSize, C, Role::MlpUp, i, true);
        list.linear(hf + "mlp.dense_4h_to_h", gguf + "ffn_down", C, spec.intermediateSize, Role::MlpDown, i, true);
    }
    list.norm("gpt_neox.final_layer_norm", "output_norm", C, -1, Transform::None, true);
    list.head("embed_out", spec);
    return std::move(list.slots);
}

Json toConfig(const ModelSpec& spec)
{
    Json config = decoderConfig(spec, "GPTNeoXForCausalLM", "gpt_neox");
    config.erase("num_key_value_heads");
    config.erase("head_dim");
    config.erase("partial_rotary_factor");
    config["rotary_pct"] = spec.rope.partialFactor;
    config["rotary_emb_base"] = spec.rope.theta;
    config["attention_bias"] = spec.attentionBias;
    config["use_parallel_residual"] = spec.parallelResidual;
    return config;
}

Json ggufParameters(const ModelSpec& spec)
{
    return Json {{"use_parallel_residual", spec.parallelResidual}};
}

}

const Family& gpt_neox()
{
    static const Family family {
        .id = "gpt_neox",
        .displayName = "GPT-NeoX (Pythia)",
        .hfArchitectures = {"GPTNeoXForCausalLM"},
        .hfModelTypes = {"gpt_neox"},
        .ggufArchitectures = {"gptneox"},
        .reference = "arXiv:2204.06745, arXiv:2304.01373",
        .defaultChatTemplate = "",
        .fromConfig = fromConfig,
        .fromGguf = fromGguf,
        .tensors = tensors,
        .toConfig = toConfig,
        .ggufParameters = ggufParameters,
    };
    return family;
}

}
