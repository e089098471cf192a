// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "formats/gguf_writer.h"

#include <optional>
#include <string>

namespace attune::exporter {

/// Writes the tokenizer of a Hugging Face folder as tokenizer.ggml.* keys (formats.md §4.4): tokens,
/// kinds, merges or scores, the pre-tokenizer's name, special ids. vocabSize: rows of the embedding;
/// missing ids are filled up. Errors: TokenizerBroken, Unsupported for kinds that GGUF cannot express.
Status addVocabulary(formats::GgufWriter& writer, const std::string& folder, std::int64_t vocabSize);

/// llama.cpp's name for the pre-tokenizer of a byte-level tokenizer.json, from its structure; nothing
/// when it is none that llama.cpp knows.
std::optional<std::string> preTokenizerName(const nlohmann::json& tokenizerJson);

}
