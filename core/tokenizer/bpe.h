// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tokenizer/token_model.h"
#include "tokenizer/vocab.h"

#include <array>
#include <string>

namespace attune::tokenizer {

/// Byte-pair encoding (Sennrich et al. 2016): the word's symbols are merged pair by pair, the pair of
/// the lowest rank first, ties leftmost, until none of the merge list is left.
///
/// Symbols are bytes (byte-level vocabularies, whose token strings are turned into the bytes they stand
/// for when loading) or code points. Matches HF tokenizers' BPE and llama.cpp's for the options below.
class BpeModel : public TokenModel
{
public:
    struct Options {
        bool byteLevel = true;
        bool ignoreMerges = false;      ///< a word that is in the vocabulary is that token
        bool byteFallback = false;      ///< an unknown code point becomes its bytes <0xXX> where all exist
        bool fuseUnknown = false;       ///< neighbouring unknowns become one
        std::int32_t unknown = -1;      ///< -1: unknown symbols are left out
        std::string continuingPrefix;   ///< before every code point but the first
        std::string endSuffix;          ///< behind the last code point
    };

    BpeModel(Options options, std::int32_t vocabSize);
    /// text: the bytes that the token stands for (byteLevel), else its string.
    void addToken(std::string_view text, std::int32_t id) { m_vocab.add(text, id); }
    void reserve(std::size_t tokens, std::size_t bytes, std::size_t merges);
    /// After the tokens. Strings as in addToken. False when HF would refuse the list: a part or the
    /// whole is not in the vocabulary (llama.cpp takes such merges; so do we, with ids of our own).
    bool addMerge(std::string_view left, std::string_view right, std::int32_t rank, bool replace);
    /// Ids of <0x00> … <0xFF>, -1 where absent.
    void setByteTokens(const std::array<std::int32_t, 256>& ids) { m_byteTokens = ids; }
    /// After the last add.
    void finish();

    void encode(std::string_view word, Ids& ids) const override;
    const Vocab& vocab() const { return m_vocab; }

private:
    struct Symbol {
        std::int32_t id;
        std::int32_t previous;
        std::int32_t next;
        std::uint32_t offset;
        std::uint32_t length;
    };
    std::int32_t idOrMade(std::string_view text, bool& isKnown);
    void splitBytes(std::string_view word, std::vector<Symbol>& symbols) const;
    void splitCodePoints(std::string_view word, std::vector<Symbol>& symbols) const;
    void mergeShort(std::vector<Symbol>& symbols) const;
    void mergeLong(std::vector<Symbol>& symbols) const;
    void emit(std::string_view word, const std::vector<Symbol>& symbols, Ids& ids) const;

    Options m_options;
    Vocab m_vocab;
    MergeTable m_merges;
    std::int32_t m_vocabSize;
    std::int32_t m_made;  ///< next id for a merge result that is no token
    Vocab m_madeVocab;
    std::array<std::int32_t, 256> m_byteIds;     ///< byte -> id of its one-byte token
    std::array<std::int32_t, 256> m_byteTokens;  ///< byte -> id of <0xXX>
};

}
