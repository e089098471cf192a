// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/encoder.h"
#include "families/family.h"

#include <algorithm>

namespace attune::families {
namespace {

/// Defaults: transformers' DistilBertConfig, which names its fields as no other (formats.md §2.3).
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec;
    spec.vocabSize = reader.size("vocab_size", 30522);
    spec.hiddenSize = reader.size("dim", 768);
    spec.intermediateSize = reader.size("hidden_dim", 3072);
    spec.layers = reader.size("n_layers", 6, 10'000);
    spec.heads = spec.kvHeads = reader.size("n_heads", 12);
    spec.headDim = std::max<std::int64_t>(1, spec.hiddenSize / spec.heads);
    spec.contextLength = reader.size("max_position_embeddings", 512);
    spec.normEpsilon = 1e-12;
    spec.tiedEmbeddings = reader.boolean("tie_word_embeddings", true);
    spec.activation = spec.textActivation = activationFromConfig(reader, "activation", Activation::Gelu);
    spec.labelActivation = Activation::Relu;
    spec.hasTextHead = hasTextHead(config);
    setEncoderLayers(spec);
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

std::vector<TensorSlot> tensors(const ModelSpec& spec)
{
    EncoderNames names;
    names.body = "distilbert.";
    names.layers = "transformer.layer.";
    names.query = "attention.q_lin";
    names.key = "attention.k_lin";
    names.value = "attention.v_lin";
    names.attentionOutput = "attention.out_lin";
    names.attentionNorm = "sa_layer_norm";
    names.up = "ffn.lin1";
    names.down = "ffn.lin2";
    names.mlpNorm = "output_layer_norm";
    names.textDense = "vocab_transform";
    names.textNorm = "vocab_layer_norm";
    names.textOutput = "vocab_projector";
    names.textBias = "vocab_projector.bias";
    return encoderSlots(spec, names);
}

Json toConfig(const ModelSpec& spec)
{
    return Json {{"architectures", {spec.hasTextHead ? "DistilBertForMaskedLM" : "DistilBertModel"}}, {"model_type", "distilbert"}, {"vocab_size", spec.vocabSize},
        {"dim", spec.hiddenSize}, {"hidden_dim", spec.intermediateSize}, {"n_layers", spec.layers}, {"n_heads", spec.heads},
        {"max_position_embeddings", spec.contextLength}, {"activation", activationName(spec.activation)}, {"tie_word_embeddings", spec.tiedEmbeddings}};
}

}

const Family& distilbert()
{
    static const Family family {
        .id = "distilbert",
        .displayName = "DistilBERT",
        .hfArchitectures = {"DistilBertForMaskedLM", "DistilBertModel"},
        .hfModelTypes = {"distilbert"},
        .ggufArchitectures = {},
        .reference = "arXiv:1910.01108; transformers 5 modeling_distilbert",
        .defaultChatTemplate = "",
        .fromConfig = fromConfig,
        .fromGguf = nullptr,
        .tensors = tensors,
        .toConfig = toConfig,
        .reasonAgainstGguf = encoderReasonAgainstGguf,
        .labelHead = {.dense = "pre_classifier", .output = "classifier", .tokenOutput = "classifier"},
    };
    return family;
}

}
