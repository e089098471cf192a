// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/unigram.h"

#include "tokenizer/unicode.h"

#include <algorithm>
#include <limits>

namespace attune::tokenizer {

constexpr double kUnknownPenalty = 10.0;  // sentencepiece: kUnkPenalty

UnigramModel::UnigramModel(const std::vector<Piece>& pieces, std::int32_t vocabSize, double minScore, std::int32_t unknown)
    : m_scores(static_cast<std::size_t>(vocabSize), 0.0)
    , m_unknownScore(minScore - kUnknownPenalty)
    , m_unknown(unknown)
{
    std::vector<std::pair<std::string_view, std::int32_t>> entries;
    entries.reserve(pieces.size());
    for (const auto& piece : pieces) {
        entries.emplace_back(piece.text, piece.id);
        m_scores[static_cast<std::size_t>(piece.id)] = piece.score;
    }
    m_trie.build(std::move(entries));
    m_byteTokens.fill(-1);
}

void UnigramModel::setByteTokens(const std::array<std::int32_t, 256>& ids)
{
    m_byteTokens = ids;
    m_hasBytes = std::all_of(ids.begin(), ids.end(), [](std::int32_t id) { return id >= 0; });
}

void UnigramModel::encode(std::string_view word, Ids& ids) const
{
    struct Best {
        double score = -std::numeric_limits<double>::infinity();
        std::uint32_t from = 0;
        std::int32_t id = -1;
    };
    std::vector<Best> best(word.size() + 1);
    best[0].score = 0;
    for (std::size_t at = 0; at < word.size();) {
        const auto length = std::min<std::size_t>(static_cast<std::size_t>(sequenceLength(word[at])), word.size() - at);
        bool hasSingle = false;
        const auto offer = [&](std::size_t end, double score, std::int32_t id) {
            if (score > best[end].score)
                best[end] = {score, static_cast<std::uint32_t>(at), id};
        };
        std::uint32_t node = Trie::kRoot;
        for (std::size_t end = at; !m_trie.isEmpty() && end < word.size();) {
            node = m_trie.child(node, word[end++]);
            if (node == Trie::kNone)
                break;
            if (const auto id = m_trie.value(node); id >= 0) {
                hasSingle = hasSingle || end - at == length;
                offer(end, best[at].score + m_scores[static_cast<std::size_t>(id)], id);
            }
        }
        if (!hasSingle)
            offer(at + length, best[at].score + m_unknownScore, -1);
        at += length;
    }
    std::vector<Best> path;
    std::vector<std::size_t> ends;
    for (std::size_t end = word.size(); end > 0; end = best[end].from) {
        path.push_back(best[end]);
        ends.push_back(end);
    }
    bool wasUnknown = false;
    for (std::size_t i = path.size(); i-- > 0;) {
        const bool isUnknown = path[i].id < 0 || path[i].id == m_unknown;
        if (isUnknown && m_hasBytes) {
            for (std::size_t b = path[i].from; b < ends[i]; ++b)
                ids.push_back(m_byteTokens[static_cast<unsigned char>(word[b])]);
        } else if (!isUnknown) {
            ids.push_back(path[i].id);
        } else if (!wasUnknown && m_unknown >= 0) {
            ids.push_back(m_unknown);
        }
        wasUnknown = isUnknown;
    }
}

}
