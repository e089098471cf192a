// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tokenizer/token_model.h"
#include "tokenizer/trie.h"

#include <array>
#include <string>
#include <string_view>

namespace attune::tokenizer {

/// Unigram language model (Kudo 2018): the segmentation of the highest sum of log probabilities, found
/// by Viterbi over code points in double precision, the first of equals winning, as in SentencePiece's
/// optimised encoder, HF tokenizers and llama.cpp. A code point without a piece costs min score − 10;
/// neighbouring unknowns become one token, or their bytes with byte fallback.
class UnigramModel : public TokenModel
{
public:
    struct Piece {
        std::string_view text;
        std::int32_t id;
        double score;
    };
    /// minScore: the lowest of the normal pieces.
    UnigramModel(const std::vector<Piece>& pieces, std::int32_t vocabSize, double minScore, std::int32_t unknown);
    void setByteTokens(const std::array<std::int32_t, 256>& ids);
    void encode(std::string_view word, Ids& ids) const override;

private:
    Trie m_trie;
    std::vector<double> m_scores;  ///< by id
    double m_unknownScore;
    std::int32_t m_unknown;
    bool m_hasBytes = false;
    std::array<std::int32_t, 256> m_byteTokens;
};

}
