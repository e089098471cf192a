// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tokenizer/charsmap.h"
#include "tokenizer/gguf_vocab.h"
#include "tokenizer/token_model.h"
#include "tokenizer/unigram.h"
#include "tokenizer/wordpiece.h"

#include <memory>

namespace attune::tokenizer {

/// "t5" vocabularies: llama.cpp's normalisation (charsmap, user-defined pieces kept, spaces) in front
/// of the unigram model.
class GgufUnigram final : public TokenModel
{
public:
    /// Errors: TokenizerBroken when the charsmap is damaged.
    static Result<std::shared_ptr<const TokenModel>> make(const formats::GgufFile& file, const GgufVocab& vocab);
    void encode(std::string_view text, Ids& ids) const override;

private:
    GgufUnigram(const GgufVocab& vocab, Charsmap charsmap);
    std::size_t userDefinedPrefix(std::string_view text) const;
    std::string normalized(std::string_view text) const;

    Charsmap m_charsmap;
    Trie m_userDefined;
    std::unique_ptr<UnigramModel> m_model;
    bool m_prependsSpace, m_mergesSpaces;
};

/// "bert" vocabularies: llama.cpp's normalisation and word split in front of WordPiece over U+2581 words.
class GgufWordPiece final : public TokenModel
{
public:
    static std::shared_ptr<const TokenModel> make(const formats::GgufFile& file, const GgufVocab& vocab);
    void encode(std::string_view text, Ids& ids) const override;

private:
    GgufWordPiece(const GgufVocab& vocab, bool lowercases, bool stripsAccents);

    std::unique_ptr<WordPieceModel> m_model;
    bool m_lowercases, m_stripsAccents;
};

}
