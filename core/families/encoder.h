// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/config_reader.h"

#include <string>
#include <vector>

namespace attune::families {

/// What BERT and its kin call their weights, without ".weight" and ".bias".
struct EncoderNames {
    std::string body;  ///< "bert.": before all but the heads
    std::string words = "embeddings.word_embeddings", positions = "embeddings.position_embeddings", types = "embeddings.token_type_embeddings",
        embeddingNorm = "embeddings.LayerNorm", projection = "embeddings_project";
    std::string layers = "encoder.layer.";
    std::string query = "attention.self.query", key = "attention.self.key", value = "attention.self.value", attentionOutput = "attention.output.dense",
        attentionNorm = "attention.output.LayerNorm", up = "intermediate.dense", down = "output.dense", mlpNorm = "output.LayerNorm";
    std::string textDense, textNorm, textOutput;  ///< the head that finds masked words
    std::string textBias;                         ///< the bias of textOutput, whole
};

/// The class defaults that differ between them.
struct EncoderDefaults {
    std::int64_t vocabSize = 30522, hiddenSize = 768, intermediateSize = 3072, heads = 12, contextLength = 512, tokenTypes = 2;
    double epsilon = 1e-12;
};

/// The fields that BERT, RoBERTa and ELECTRA share; refuses what makes a decoder of them. Problems go into reader.
ModelSpec encoderFromConfig(ConfigReader& reader, const EncoderDefaults& defaults);
/// Norms behind the sums, biases everywhere, a table of positions: what all of them have.
void setEncoderLayers(ModelSpec& spec);
/// Whether a config.json of this architecture describes files that hold the head for masked words.
bool hasTextHead(const Json& config);
/// What llama.cpp's architecture "bert" says of a model.
Result<ModelSpec> encoderFromGguf(const formats::GgufFile& file);

std::vector<TensorSlot> encoderSlots(const ModelSpec& spec, const EncoderNames& names);
/// config.json as encoderFromConfig() reads it; name: "Bert" of "BertForMaskedLM".
Json encoderConfig(const ModelSpec& spec, const std::string& name, const std::string& modelType);

/// The head for masked words: dense, norm and the product with the embeddings' table.
class SlotList;
void addTextHead(SlotList& list, const ModelSpec& spec, const EncoderNames& names);

/// Why llama.cpp's files are no target for encoders.
std::string encoderReasonAgainstGguf(const ModelSpec& spec);

}
