// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tokenizer/hf_config.h"
#include "tokenizer/pipeline_tokenizer.h"

#include <string>
#include <string_view>

namespace attune::tokenizer {

/// The parts of a tokenizer.json (formats.md §5.1, §5.2), all but the special tokens' meaning. The
/// matchers of added tokens are not finished: tokenizer_config.json may add some.
/// Errors: TokenizerBroken when it is no tokenizer.json, or uses what is not known here.
Result<TokenizerParts> partsFromTokenizerJson(std::string_view text);

/// The parts of a SentencePiece .model, through libsentencepiece. Errors: TokenizerBroken.
Result<TokenizerParts> partsFromSentencePiece(const std::string& path, const HfConfig& config);

}
