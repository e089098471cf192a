// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/added_tokens.h"

#include "tokenizer/unicode.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <cstring>
#include <map>

namespace attune::tokenizer {
namespace {

bool isContinuation(char c)
{
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// The text may hold broken UTF-8 here (SentencePiece vocabularies take any bytes).
std::uint8_t classAt(std::string_view text, std::size_t at)
{
    if (at + static_cast<std::size_t>(sequenceLength(text[at])) > text.size())
        return 0;
    const auto value = codePointAt(text.data() + at).value;
    return value < kCodePoints ? charClasses()[value] : 0;
}

std::size_t previousStart(std::string_view text, std::size_t at)
{
    do
        --at;
    while (at > 0 && isContinuation(text[at]));
    return at;
}

/// `\w` of the Rust regex crate (UTS 18, annex C): alphabetic, marks, decimal digits, connectors, joiners.
bool isWordAt(std::string_view text, std::size_t at)
{
    const auto value = static_cast<UChar32>(codePointAt(text.data() + at).value);
    return u_isUAlphabetic(value) || (U_GET_GC_MASK(value) & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) || value == 0x200C || value == 0x200D;
}

std::size_t stripLeft(std::string_view text, std::size_t at, std::size_t lowest)
{
    while (at > lowest) {
        const auto before = previousStart(text, at);
        if (!(classAt(text, before) & kWhitespace))
            break;
        at = before;
    }
    return std::max(at, lowest);
}

std::size_t stripRight(std::string_view text, std::size_t at)
{
    while (at < text.size() && (classAt(text, at) & kWhitespace))
        at += static_cast<std::size_t>(sequenceLength(text[at]));
    return at;
}

}

void AddedTokenMatcher::finish(Order order)
{
    m_order = order;
    std::erase_if(m_tokens, [](const AddedToken& t) { return t.content.empty(); });
    std::vector<std::pair<std::string_view, std::int32_t>> entries;
    for (std::size_t i = 0; i < m_tokens.size(); ++i) {
        entries.emplace_back(m_tokens[i].content, static_cast<std::int32_t>(i));
        m_isFirst[static_cast<unsigned char>(m_tokens[i].content[0])] = true;
    }
    m_trie.build(std::move(entries));
    if (std::count(m_isFirst.begin(), m_isFirst.end(), true) == 1)
        m_onlyFirst = static_cast<int>(std::find(m_isFirst.begin(), m_isFirst.end(), true) - m_isFirst.begin());
}

std::size_t AddedTokenMatcher::nextCandidate(std::string_view text, std::size_t from) const
{
    if (from >= text.size())
        return text.size();
    if (m_onlyFirst >= 0) {
        const void* found = std::memchr(text.data() + from, m_onlyFirst, text.size() - from);
        return found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) : text.size();
    }
    while (from < text.size() && !m_isFirst[static_cast<unsigned char>(text[from])])
        ++from;
    return from;
}

void AddedTokenMatcher::split(std::string_view text, std::vector<Segment>& segments) const
{
    segments.clear();
    if (text.empty())
        return;
    if (m_tokens.empty() || nextCandidate(text, 0) == text.size())
        segments.push_back({0, text.size(), -1});
    else if (m_order == Order::LeftmostLongest)
        splitLeftmost(text, segments);
    else
        splitLongest(text, segments);
}

void AddedTokenMatcher::splitLeftmost(std::string_view text, std::vector<Segment>& segments) const
{
    std::size_t done = 0;
    for (std::size_t at = nextCandidate(text, 0); at < text.size();) {
        const auto match = m_trie.longestPrefix(text.substr(at));
        if (match.value < 0) {
            at = nextCandidate(text, at + 1);
            continue;
        }
        const auto& token = m_tokens[static_cast<std::size_t>(match.value)];
        std::size_t begin = at;
        std::size_t end = at + match.length;
        at = nextCandidate(text, end);
        if (token.singleWord
            && ((begin > 0 && isWordAt(text, previousStart(text, begin))) || (end < text.size() && isWordAt(text, end))))
            continue;
        if (token.stripLeft)
            begin = stripLeft(text, begin, done);
        if (token.stripRight)
            end = stripRight(text, end);
        if (begin > done)
            segments.push_back({done, begin, -1});
        segments.push_back({begin, end, token.id});
        done = std::max(done, end);
    }
    if (done < text.size())
        segments.push_back({done, text.size(), -1});
}

void AddedTokenMatcher::splitLongest(std::string_view text, std::vector<Segment>& segments) const
{
    struct Occurrence {
        std::size_t begin;
        std::int32_t token;
    };
    std::vector<Occurrence> found;
    for (std::size_t at = nextCandidate(text, 0); at < text.size(); at = nextCandidate(text, at + 1)) {
        std::uint32_t node = Trie::kRoot;
        for (std::size_t i = at; i < text.size(); ++i) {
            node = m_trie.child(node, text[i]);
            if (node == Trie::kNone)
                break;
            if (m_trie.value(node) >= 0)
                found.push_back({at, m_trie.value(node)});
        }
    }
    const auto token = [this](const Occurrence& o) -> const AddedToken& { return m_tokens[static_cast<std::size_t>(o.token)]; };
    std::stable_sort(found.begin(), found.end(), [&](const Occurrence& a, const Occurrence& b) {
        if (token(a).content.size() != token(b).content.size())
            return token(a).content.size() > token(b).content.size();
        return a.token != b.token ? a.token < b.token : a.begin < b.begin;
    });
    std::map<std::size_t, Segment> taken;  // by begin; what a token covers with the space it takes along
    std::map<std::size_t, std::size_t> covered;
    for (const auto& occurrence : found) {
        std::size_t begin = occurrence.begin;
        std::size_t end = begin + token(occurrence).content.size();
        const auto after = covered.lower_bound(begin);
        const std::size_t limit = after == covered.end() ? text.size() : after->first;
        const std::size_t floor = after == covered.begin() ? 0 : std::prev(after)->second;
        if (end > limit || begin < floor)
            continue;
        if (token(occurrence).stripLeft)
            begin = stripLeft(text, begin, floor);
        if (token(occurrence).stripRight)
            end = std::min(stripRight(text, end), limit);
        covered[begin] = end;
        taken[begin] = {begin, end, token(occurrence).id};
    }
    std::size_t done = 0;
    for (const auto& [begin, segment] : taken) {
        if (begin > done)
            segments.push_back({done, begin, -1});
        segments.push_back(segment);
        done = segment.end;
    }
    if (done < text.size())
        segments.push_back({done, text.size(), -1});
}

}
