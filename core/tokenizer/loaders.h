// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "formats/gguf_file.h"
#include "tokenizer/tokenizer.h"

namespace attune::tokenizer {

/// The vocabulary in a GGUF file's metadata; ids as llama.cpp gives them with special tokens parsed.
/// Errors: TokenizerBroken.
Result<std::shared_ptr<const Tokenizer>> loadGgufTokenizer(const formats::GgufFile& file);

/// An HF folder: tokenizer.json, else tokenizer.model, else vocab.txt, else vocab.json with merges.txt.
/// Errors: FileMissing, TokenizerBroken.
Result<std::shared_ptr<const Tokenizer>> loadHfTokenizer(const std::string& folder);

}
