// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/encoder.h"
#include "families/family.h"

namespace attune::families {
namespace {

/// Defaults: transformers' BertConfig (formats.md §2.3).
Result<ModelSpec> fromConfig(const Json& config)
{
    ConfigReader reader(config);
    ModelSpec spec = encoderFromConfig(reader, {});
    ATTUNE_RETURN_IF_ERROR(reader.status());
    ATTUNE_RETURN_IF_ERROR(checkSpec(spec));
    return spec;
}

std::vector<TensorSlot> tensors(const ModelSpec& spec)
{
    EncoderNames names;
    names.body = "bert.";
    names.textDense = "cls.predictions.transform.dense";
    names.textNorm = "cls.predictions.transform.LayerNorm";
    names.textOutput = "cls.predictions.decoder";
    names.textBias = spec.tiedEmbeddings ? "cls.predictions.bias" : "cls.predictions.decoder.bias";
    return encoderSlots(spec, names);
}

Json toConfig(const ModelSpec& spec)
{
    return encoderConfig(spec, "Bert", "bert");
}

}

const Family& bert()
{
    static const Family family {
        .id = "bert",
        .displayName = "BERT",
        .hfArchitectures = {"BertForMaskedLM", "BertModel", "BertForPreTraining"},
        .hfModelTypes = {"bert"},
        .ggufArchitectures = {"bert"},
        .reference = "arXiv:1810.04805; transformers 5 modeling_bert",
        .defaultChatTemplate = "",
        .fromConfig = fromConfig,
        .fromGguf = encoderFromGguf,
        .tensors = tensors,
        .toConfig = toConfig,
        .reasonAgainstGguf = encoderReasonAgainstGguf,
        .labelHead = {.dense = "bert.pooler.dense", .output = "classifier", .tokenOutput = "classifier", .isPooler = true},
    };
    return family;
}

}
