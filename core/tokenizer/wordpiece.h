// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tokenizer/token_model.h"
#include "tokenizer/trie.h"

#include <string>
#include <string_view>
#include <utility>

namespace attune::tokenizer {

/// WordPiece (Devlin et al. 2019): the longest piece that begins the word, then the longest that
/// continues it, and so on; a word that cannot be covered is one unknown token.
class WordPieceModel : public TokenModel
{
public:
    struct Options {
        std::int32_t unknown = -1;
        std::size_t maxCodePoints = 100;  ///< longer words are unknown; 0 = no limit
        std::string wordMark;             ///< put before the word: U+2581 in GGUF files, whose continuing pieces are bare
        bool splitsWords = false;         ///< the input is a text: split at U+0020
    };
    /// begin: pieces that begin a word; continuing: those that go on (without their prefix).
    using Entries = std::vector<std::pair<std::string_view, std::int32_t>>;
    WordPieceModel(Options options, Entries begin, Entries continuing);
    void encode(std::string_view word, Ids& ids) const override;

private:
    void encodeWord(std::string_view word, Ids& ids) const;

    Options m_options;
    Trie m_begin;
    Trie m_continuing;
};

/// A lookup of whole words (HF's WordLevel).
class WordLevelModel : public TokenModel
{
public:
    WordLevelModel(WordPieceModel::Entries entries, std::int32_t unknown) : m_unknown(unknown) { m_words.build(std::move(entries)); }
    void encode(std::string_view word, Ids& ids) const override;

private:
    Trie m_words;
    std::int32_t m_unknown;
};

}
