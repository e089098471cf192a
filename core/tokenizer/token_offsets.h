// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tokenizer/tokenizer.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace attune::tokenizer {

/// Where each token of a text ends in it, in bytes: tokens in order cover [0, end[0]), [end[0], end[1]) …
/// Exact where the tokens' bytes make up the text (byte-level and SentencePiece vocabularies, a space put
/// in front aside); where a normalizer changed the text, the walk picks up again at the next token whose
/// bytes stand in it. Added start tokens cover nothing.
std::vector<std::size_t> tokenEnds(const Tokenizer& tokenizer, std::string_view text, std::span<const std::int32_t> ids);

}
