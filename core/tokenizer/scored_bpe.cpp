// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/scored_bpe.h"

#include "tokenizer/unicode.h"

#include <queue>

namespace attune::tokenizer {

void ScoredBpeModel::reserve(std::size_t pieces, std::size_t bytes)
{
    m_vocab.reserve(pieces, bytes);
    m_scores.reserve(pieces);
}

void ScoredBpeModel::addPiece(std::string_view text, std::int32_t id, float score)
{
    m_vocab.add(text, id);
    if (m_scores.size() <= static_cast<std::size_t>(id))
        m_scores.resize(static_cast<std::size_t>(id) + 1);
    m_scores[static_cast<std::size_t>(id)] = score;
}

void ScoredBpeModel::encode(std::string_view word, Ids& ids) const
{
    struct Symbol {
        std::int32_t previous, next;
        std::uint32_t offset, length;
    };
    struct Candidate {
        float score;
        std::int32_t left, right;
        std::uint32_t length;
        bool operator<(const Candidate& other) const { return score != other.score ? score < other.score : left > other.left; }
    };
    std::vector<Symbol> symbols;
    symbols.reserve(word.size());
    for (std::size_t i = 0; i < word.size();) {
        const auto length = std::min<std::size_t>(static_cast<std::size_t>(sequenceLength(word[i])), word.size() - i);
        const auto index = static_cast<std::int32_t>(symbols.size());
        symbols.push_back({index - 1, i + length < word.size() ? index + 1 : -1, static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(length)});
        i += length;
    }
    const auto at = [&](std::int32_t i) -> Symbol& { return symbols[static_cast<std::size_t>(i)]; };
    std::priority_queue<Candidate> queue;
    const auto push = [&](std::int32_t left, std::int32_t right) {
        if (left < 0 || right < 0)
            return;
        const auto length = at(left).length + at(right).length;
        if (const auto id = m_vocab.find(word.substr(at(left).offset, length)); id >= 0)
            queue.push({m_scores[static_cast<std::size_t>(id)], left, right, length});
    };
    for (std::size_t i = 1; i < symbols.size(); ++i)
        push(static_cast<std::int32_t>(i) - 1, static_cast<std::int32_t>(i));
    while (!queue.empty()) {
        const Candidate c = queue.top();
        queue.pop();
        Symbol& left = at(c.left);
        Symbol& right = at(c.right);
        if (left.length == 0 || right.length == 0 || left.length + right.length != c.length)
            continue;  // one of the two was merged since
        left.length = c.length;
        right.length = 0;
        left.next = right.next;
        if (right.next >= 0)
            at(right.next).previous = c.left;
        push(left.previous, c.left);
        push(c.left, left.next);
    }
    for (std::int32_t i = symbols.empty() ? -1 : 0; i >= 0; i = at(i).next) {
        const auto text = word.substr(at(i).offset, at(i).length);
        if (const auto id = m_vocab.find(text); id >= 0) {
            ids.push_back(id);
            continue;
        }
        for (const char byte : text)
            if (const auto id = m_byteTokens[static_cast<unsigned char>(byte)] >= 0 ? m_byteTokens[static_cast<unsigned char>(byte)] : m_unknown; id >= 0)
                ids.push_back(id);
    }
}

}
