// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tokenizer/trie.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace attune::tokenizer {

/// A token that is recognised in the text itself, before any splitting.
struct AddedToken {
    std::string content;
    std::int32_t id = -1;
    bool isSpecial = false;
    bool singleWord = false;  ///< only where no word character touches it
    bool stripLeft = false;   ///< takes the white space before it along
    bool stripRight = false;
    bool isNormalized = false;  ///< looked for in the normalised text
};

/// A stretch of the text: a token, or text to be tokenised (id -1).
struct Segment {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::int32_t id = -1;
};

/// Finds added tokens. Immutable after finish(); any thread.
class AddedTokenMatcher
{
public:
    /// How overlapping candidates are settled: leftmost, then longest (HF); or the longest token of all
    /// first, wherever it stands (llama.cpp).
    enum class Order { LeftmostLongest, LongestFirst };

    void add(AddedToken token) { m_tokens.push_back(std::move(token)); }
    void finish(Order order);
    bool isEmpty() const { return m_tokens.empty(); }

    /// Cuts text into segments, in order; empty stretches are left out.
    void split(std::string_view text, std::vector<Segment>& segments) const;

private:
    std::size_t nextCandidate(std::string_view text, std::size_t from) const;
    void splitLeftmost(std::string_view text, std::vector<Segment>& segments) const;
    void splitLongest(std::string_view text, std::vector<Segment>& segments) const;

    std::vector<AddedToken> m_tokens;
    Trie m_trie;  ///< values are indices into m_tokens
    Order m_order = Order::LeftmostLongest;
    std::array<bool, 256> m_isFirst {};  ///< bytes that a token begins with
    int m_onlyFirst = -1;                ///< that byte, when there is one only
};

}
