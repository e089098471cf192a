// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/text_search.h"

#include "cleaner/text.h"

#include <algorithm>

namespace attune::pipeline {
namespace {

constexpr std::array<unsigned char, 256> kLower = [] {
    std::array<unsigned char, 256> table {};
    for (std::size_t i = 0; i < table.size(); ++i)
        table[i] = static_cast<unsigned char>(i >= 'A' && i <= 'Z' ? i + 32 : i);
    return table;
}();

unsigned char lower(char c)
{
    return kLower[static_cast<unsigned char>(c)];
}

}

TextSearch::TextSearch(std::string_view needle)
    : m_needle(cleaner::toLower(needle))
    , m_isAscii(std::all_of(needle.begin(), needle.end(), [](char c) { return static_cast<unsigned char>(c) < 128; }))
{
    // Horspool: how far the window may move, by the byte under its end.
    m_skip.fill(m_needle.size());
    for (std::size_t i = 0; i + 1 < m_needle.size(); ++i)
        m_skip[static_cast<unsigned char>(m_needle[i])] = m_needle.size() - 1 - i;
}

std::size_t TextSearch::findAscii(std::string_view text) const
{
    const std::size_t length = m_needle.size();
    if (length == 0)
        return 0;
    for (std::size_t at = 0; at + length <= text.size();) {
        const unsigned char last = lower(text[at + length - 1]);
        if (last == static_cast<unsigned char>(m_needle[length - 1])
            && std::equal(m_needle.begin(), m_needle.end() - 1, text.begin() + static_cast<std::ptrdiff_t>(at), [](char a, char b) { return static_cast<unsigned char>(a) == lower(b); }))
            return at;
        at += m_skip[last];
    }
    return std::string_view::npos;
}

std::size_t TextSearch::findIn(std::string_view text) const
{
    if (m_isAscii)
        return findAscii(text);
    thread_local std::string folded;
    const std::string_view lowered = cleaner::toLower(text, folded) ? std::string_view(folded) : text;
    return lowered.find(m_needle);
}

bool TextSearch::isIn(std::string_view text) const
{
    return findIn(text) != std::string_view::npos;
}

}
