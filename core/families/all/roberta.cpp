// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/encoder.h"
#include "families/family.h"

namespace attune::families {
namespace {

/// Defaults: transformers' RobertaConfig. Positions begin behind the one of the padding token, as fairseq counts them.
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec = encoderFromConfig(reader, {.vocabSize = 50265});
    const auto padding = reader.has("pad_token_id") ? static_cast<std::int64_t>(reader.number("pad_token_id", 1)) : 1;
    spec.positionOffset = padding + 1;
    spec.textActivation = Activation::Gelu;
    if (padding < 0 || spec.contextLength <= spec.positionOffset)
        reader.fail("config.json: pad_token_id leaves no positions for a text.");
    spec.contextLength -= spec.positionOffset;
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

std::vector<TensorSlot> tensors(const ModelSpec& spec)
{
    EncoderNames names;
    names.body = "roberta.";
    names.textDense = "lm_head.dense";
    names.textNorm = "lm_head.layer_norm";
    names.textOutput = "lm_head.decoder";
    names.textBias = spec.tiedEmbeddings ? "lm_head.bias" : "lm_head.decoder.bias";
    return encoderSlots(spec, names);
}

Json toConfig(const ModelSpec& spec)
{
    auto config = encoderConfig(spec, "Roberta", "roberta");
    config["pad_token_id"] = spec.positionOffset - 1;
    return config;
}

}

const Family& roberta()
{
    static const Family family {
        .id = "roberta",
        .displayName = "RoBERTa",
        .hfArchitectures = {"RobertaForMaskedLM", "RobertaModel", "XLMRobertaForMaskedLM", "XLMRobertaModel", "CamembertForMaskedLM", "CamembertModel"},
        .hfModelTypes = {"roberta", "xlm-roberta", "camembert"},
        .ggufArchitectures = {},
        .reference = "arXiv:1907.11692; transformers 5 modeling_roberta",
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
