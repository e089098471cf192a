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
    spec.fusedQkv = FusedQkv::Groups;
}

/// Defaults: transformers' FalconConfig. Three layouts: one head of keys (7B), groups with a norm each for
/// attention and MLP (40B, 180B), and as many heads of keys as of queries (RW). Its first files had shorter names.
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec;
    const bool isNew = reader.boolean("new_decoder_architecture", false);
    spec.vocabSize = reader.size("vocab_size", 65024);
    spec.hiddenSize = reader.size("hidden_size", reader.size("n_embed", 4544));
    spec.intermediateSize = reader.size("ffn_hidden_size", 4 * spec.hiddenSize);
    spec.layers = reader.size("num_hidden_layers", reader.size("n_layer", 32, 10'000), 10'000);
    spec.heads = reader.size("num_attention_heads", reader.size("n_head", 71));
    spec.headDim = std::max<std::int64_t>(1, spec.hiddenSize / spec.heads);
    spec.kvHeads = !isNew && reader.boolean("multi_query", true) ? 1 : reader.size("num_kv_heads", reader.size("n_head_kv", spec.heads));
    spec.contextLength = reader.size("max_position_embeddings", 2048, std::int64_t(1) << 32);
    spec.normEpsilon = reader.number("layer_norm_epsilon", 1e-5);
    spec.tiedEmbeddings = reader.boolean("tie_word_embeddings", true);
    spec.activation = activationFromConfig(reader, "activation", Activation::Gelu);
    spec.attentionBias = spec.attentionOutputBias = spec.mlpBias = reader.boolean("bias", false);
    spec.parallelResidual = isNew || reader.boolean("parallel_attn", true);
    spec.sharedNorm = spec.parallelResidual && (!isNew || reader.size("num_ln_in_parallel_attn", 2) == 1);
    spec.alibi = reader.boolean("alibi", false);
    spec.rope = ropeFromConfig(reader, 10000.0, spec.contextLength);
    if (spec.alibi)
        spec.rope.kind = RopeSpec::Kind::None;
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
    spec.parallelResidual = true;
    spec.sharedNorm = !file.findTensor("blk.0.attn_norm_2.weight");
    setFixed(spec);
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

std::vector<TensorSlot> tensors(const ModelSpec& spec)
{
    SlotList list;
    const auto C = spec.hiddenSize;
    list.add("transformer.word_embeddings.weight", "token_embd.weight", {spec.vocabSize, C}, Role::Embedding, -1);
    for (std::int64_t i = 0; i < spec.layers; ++i) {
        const std::string hf = fmt::format("transformer.h.{}.", i), gguf = fmt::format("blk.{}.", i);
        const auto norm = [&](const char* name, const char* ggufName) { list.norm(hf + name, gguf + ggufName, C, i, Transform::None, true); };
        if (spec.parallelResidual && !spec.sharedNorm) {
            norm("ln_attn", "attn_norm_2");
            norm("ln_mlp", "attn_norm");
        } else {
            norm("input_layernorm", "attn_norm");
        }
        list.linear(hf + "self_attention.query_key_value", gguf + "attn_qkv", spec.queryWidth() + 2 * spec.kvWidth(), C, Role::AttnQuery, i, spec.attentionBias, Transform::Ungroup);
        list.linear(hf + "self_attention.dense", gguf + "attn_output", C, spec.queryWidth(), Role::AttnOutput, i, spec.attentionOutputBias);
        if (!spec.parallelResidual)
            norm("post_attention_layernorm", "ffn_norm");
        list.linear(hf + "mlp.dense_h_to_4h", gguf + "ffn_up", spec.intermediateSize, C, Role::MlpUp, i, spec.mlpBias);
        list.linear(hf + "mlp.dense_4h_to_h", gguf + "ffn_down", C, spec.intermediateSize, Role::MlpDown, i, spec.mlpBias);
    }
    list.norm("transformer.ln_f", "output_norm", C, -1, Transform::None, true);
    list.head("lm_head", spec);
    return std::move(list.slots);
}

Json toConfig(const ModelSpec& spec)
{
    Json config = decoderConfig(spec, "FalconForCausalLM", "falcon");
    for (const char* key : {"num_key_value_heads", "head_dim", "intermediate_size", "hidden_act", "layer_norm_eps"})
        config.erase(key);
    const bool isOneHead = spec.kvHeads == 1 && (spec.sharedNorm || !spec.parallelResidual);
    const bool isNew = !isOneHead && spec.parallelResidual && !(spec.kvHeads == spec.heads && spec.sharedNorm);
    config["ffn_hidden_size"] = spec.intermediateSize;
    config["layer_norm_epsilon"] = spec.normEpsilon;
    config["activation"] = activationName(spec.activation);
    config["bias"] = spec.attentionBias;
    config["alibi"] = spec.alibi;
    config["parallel_attn"] = spec.parallelResidual;
    config["multi_query"] = isOneHead;
    config["new_decoder_architecture"] = isNew;
    config["num_kv_heads"] = spec.kvHeads;
    if (isNew)
        config["num_ln_in_parallel_attn"] = spec.sharedNorm ? 1 : 2;
    return config;
}

std::string reasonAgainstGguf(const ModelSpec& spec)
{
    return spec.alibi || !spec.parallelResidual ? "llama.cpp computes Falcon with rotary positions and parallel layers only." : "";
}

}

const Family& falcon()
{
    static const Family family {
        .id = "falcon",
        .displayName = "Falcon",
        .hfArchitectures = {"FalconForCausalLM", "RWForCausalLM"},
        .hfModelTypes = {"falcon"},
        .ggufArchitectures = {"falcon"},
        .reference = "arXiv:2311.16867",
        .defaultChatTemplate = "",
        .fromConfig = fromConfig,
        .fromGguf = fromGguf,
        .tensors = tensors,
        .toConfig = toConfig,
        .reasonAgainstGguf = reasonAgainstGguf,
    };
    return family;
}

}
