// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "families/model_source.h"
#include "formats/gguf_file.h"

#include <optional>
#include <string>

namespace attune::exporter {

/// Puts the tokenizer of the base into a Hugging Face folder: its own files copied, or, from a GGUF
/// file, a tokenizer.json and tokenizer_config.json that cut text the same way. chatTemplate becomes
/// chat_template.jinja. Errors: Unsupported for vocabularies that have no such form here, DiskWrite.
Status writeHfTokenizer(const families::ModelSource& base, const std::string& folder, const std::optional<std::string>& chatTemplate);

/// tokenizer.json of a GGUF vocabulary of the kinds "gpt2" (byte-level BPE) and "llama" (SentencePiece).
Result<Json> tokenizerJsonFromGguf(const formats::GgufFile& file);

}
