// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/encoder.h"
#include "families/family.h"

namespace attune::families {
namespace {

/// Defaults: transformers' ElectraConfig. Its heads have GELU where BERT's have tanh.
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec = encoderFromConfig(reader, {.hiddenSize = 256, .intermediateSize = 1024, .heads = 4});
    const auto width = reader.size("embedding_size", 128);
    spec.embeddingSize = width == spec.hiddenSize ? 0 : width;
    spec.textActivation = spec.labelActivation = Activation::Gelu;
    // The published discriminator is an "…ForPreTraining" that tells real from replaced words; it knows no masked ones.
    spec.hasTextHead = spec.hasTextHead && config["architectures"][0] == "ElectraForMaskedLM";
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

std::vector<TensorSlot> tensors(const ModelSpec& spec)
{
    EncoderNames names;
    names.body = "electra.";
    names.textDense = "generator_predictions.dense";
    names.textNorm = "generator_predictions.LayerNorm";
    names.textOutput = "generator_lm_head";
    names.textBias = "generator_lm_head.bias";
    return encoderSlots(spec, names);
}

Json toConfig(const ModelSpec& spec)
{
    auto config = encoderConfig(spec, "Electra", "electra");
    config["embedding_size"] = spec.embeddingSize > 0 ? spec.embeddingSize : spec.hiddenSize;
    return config;
}

}

const Family& electra()
{
    static const Family family {
        .id = "electra",
        .displayName = "ELECTRA",
        .hfArchitectures = {"ElectraForMaskedLM", "ElectraModel", "ElectraForPreTraining"},
        .hfModelTypes = {"electra"},
        .ggufArchitectures = {},
        .reference = "arXiv:2003.10555; transformers 5 modeling_electra",
        .defaultChatTemplate = "",
        .fromConfig = fromConfig,
        .fromGguf = nullptr,
        .tensors = tensors,
        .toConfig = toConfig,
        .reasonAgainstGguf = encoderReasonAgainstGguf,
        .labelHead = {.dense = "classifier.dense", .output = "classifier.out_proj", .tokenOutput = "classifier"},
    };
    return family;
}

}
