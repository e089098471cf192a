// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tokenizer/token_model.h"
#include "tokenizer/vocab.h"

#include <array>

namespace attune::tokenizer {

/// SentencePiece's BPE: neighbours merge when their concatenation is a piece, the highest score first,
/// ties leftmost; what no piece covers becomes its bytes `<0xXX>`. As llama.cpp's "llama" vocabularies.
/// Any bytes may come in; a lead byte announces the length of its code point.
class ScoredBpeModel : public TokenModel
{
public:
    ScoredBpeModel(std::int32_t unknown) : m_unknown(unknown) { m_byteTokens.fill(-1); }
    void reserve(std::size_t pieces, std::size_t bytes);
    void addPiece(std::string_view text, std::int32_t id, float score);
    void setByteTokens(const std::array<std::int32_t, 256>& ids) { m_byteTokens = ids; }
    void encode(std::string_view word, Ids& ids) const override;

private:
    Vocab m_vocab;
    std::vector<float> m_scores;  ///< by id
    std::int32_t m_unknown;
    std::array<std::int32_t, 256> m_byteTokens;
};

}
