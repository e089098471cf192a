// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/config_reader.h"
#include "families/family.h"
#include "families/slot_list.h"

#include <fmt/format.h>

namespace attune::families {
namespace {

void setFixed(ModelSpec& spec)
{
    spec.norm = NormKind::LayerNorm;
    spec.normBias = true;
    spec.gatedMlp = false;
    spec.attentionBias = spec.attentionOutputBias = spec.mlpBias = true;
    spec.fusedQkv = FusedQkv::Sections;
    spec.learnedPositions = true;
    spec.rope.kind = RopeSpec::Kind::None;
}

/// Defaults: transformers' GPT2Config (formats.md §2.2).
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec;
    spec.vocabSize = reader.size("vocab_size", 50257);
    spec.hiddenSize = reader.size("n_embd", 768);
    spec.intermediateSize = reader.size("n_inner", 4 * spec.hiddenSize);
    spec.layers = reader.size("n_layer", 12, 10'000);
    spec.heads = spec.kvHeads = reader.size("n_head", 12);
    spec.headDim = std::max<std::int64_t>(1, spec.hiddenSize / spec.heads);
    spec.contextLength = reader.size("n_positions", 1024);
    spec.normEpsilon = reader.number("layer_norm_epsilon", 1e-5);
    spec.tiedEmbeddings = reader.boolean("tie_word_embeddings", true);
    spec.activation = activationFromConfig(reader, "activation_function", Activation::GeluTanh);
    if (!reader.boolean("scale_attn_weights", true))
        spec.attentionScale = 1.0;
    spec.scoresByLayer = reader.boolean("scale_attn_by_inverse_layer_idx", false);
    setFixed(spec);
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

Result<ModelSpec> fromGguf(const formats::GgufFile& file)
{
    GgufReader reader(file);
    ModelSpec spec = decoderFromGguf(reader);
    spec.activation = Activation::GeluTanh;
    setFixed(spec);
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

/// Its linears are Conv1D modules, which hold their weights as [in, out].
std::vector<TensorSlot> tensors(const ModelSpec& spec)
{
    SlotList list;
    const auto C = spec.hiddenSize;
    list.add("transformer.wte.weight", "token_embd.weight", {spec.vocabSize, C}, Role::Embedding, -1);
    list.add("transformer.wpe.weight", "position_embd.weight", {spec.contextLength, C}, Role::Other, -1);
    for (std::int64_t i = 0; i < spec.layers; ++i) {
        const std::string hf = fmt::format("transformer.h.{}.", i), gguf = fmt::format("blk.{}.", i);
        const auto linear = [&](const char* name, const char* ggufName, std::int64_t out, std::int64_t in, Role role) {
            list.linear(hf + name, gguf + ggufName, out, in, role, i, true, TensorSlot::GgufTransform::None, true);
        };
        list.norm(hf + "ln_1", gguf + "attn_norm", C, i, TensorSlot::GgufTransform::None, true);
        linear("attn.c_attn", "attn_qkv", 3 * C, C, Role::AttnQuery);
        linear("attn.c_proj", "attn_output", C, C, Role::AttnOutput);
        list.norm(hf + "ln_2", gguf + "ffn_norm", C, i, TensorSlot::GgufTransform::None, true);
        linear("mlp.c_fc", "ffn_up", spec.intermediateSize, C, Role::MlpUp);
        linear("mlp.c_proj", "ffn_down", C, spec.intermediateSize, Role::MlpDown);
    }
    list.norm("transformer.ln_f", "output_norm", C, -1, TensorSlot::GgufTransform::None, true);
    list.head("lm_head", spec);
    return std::move(list.slots);
}

Json toConfig(const ModelSpec& spec)
{
    return Json {{"architectures", {"GPT2LMHeadModel"}}, {"model_type", "gpt2"}, {"vocab_size", spec.vocabSize}, {"n_embd", spec.hiddenSize},
        {"n_inner", spec.intermediateSize}, {"n_layer", spec.layers}, {"n_head", spec.heads}, {"n_positions", spec.contextLength}, {"n_ctx", spec.contextLength},
        {"layer_norm_epsilon", spec.normEpsilon}, {"activation_function", spec.activation == Activation::GeluTanh ? "gelu_new" : activationName(spec.activation)},
        {"scale_attn_weights", spec.attentionScale != 1.0}, {"scale_attn_by_inverse_layer_idx", spec.scoresByLayer}, {"tie_word_embeddings", spec.tiedEmbeddings}};
}

std::string reasonAgainstGguf(const ModelSpec& spec)
{
    return spec.scoresByLayer || spec.attentionScale == 1.0 ? "llama.cpp does not scale the scores of its layers in this way." : "";
}

}

const Family& gpt2()
{
    static const Family family {
        .id = "gpt2",
        .displayName = "GPT-2",
        .hfArchitectures = {"GPT2LMHeadModel"},
        .hfModelTypes = {"gpt2"},
        .ggufArchitectures = {"gpt2"},
        .reference = "Radford et al. 2019, Language Models are Unsupervised Multitask Learners",
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
