// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace attune::tokenizer {

/// SentencePiece's precompiled_charsmap: a Darts double-array trie from input to offsets of
/// replacement strings (u32 size of the trie in bytes, units, then the strings, each ended by NUL).
/// Immutable; any thread.
class Charsmap
{
public:
    /// Errors: TokenizerBroken when sizes or offsets do not fit.
    static Result<Charsmap> parse(std::string_view blob);

    struct Match {
        std::size_t length = 0;  ///< bytes of input taken; 0 = none
        std::string_view replacement;
    };
    /// The longest key that is a prefix of text.
    Match longestPrefix(std::string_view text) const;
    /// HF tokenizers' Precompiled: by grapheme where it is short, else by code point.
    std::string applyByGrapheme(std::string_view text) const;

private:
    std::string_view replacementAt(std::uint32_t offset) const;
    std::string_view exact(std::string_view key, bool& isFound) const;

    std::vector<std::uint32_t> m_units;
    std::string m_strings;
};

}
