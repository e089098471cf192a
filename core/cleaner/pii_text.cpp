// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/pii_text.h"

#include "cleaner/text.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace attune::cleaner::pii {
CodePoint codePointAt(std::string_view text, std::size_t at)
{
    if (at >= text.size())
        return {};
    const std::string_view part = text.substr(at, 4);
    std::int32_t i = 0;
    UChar32 code = 0;
    U8_NEXT(reinterpret_cast<const std::uint8_t*>(part.data()), i, static_cast<std::int32_t>(part.size()), code);
    return code < 0 ? CodePoint {0xFFFD, 1} : CodePoint {static_cast<std::uint32_t>(code), static_cast<std::size_t>(i)};
}

CodePoint codePointBefore(std::string_view text, std::size_t at)
{
    if (at == 0 || at > text.size())
        return {};
    std::size_t begin = at - 1;
    while (begin > 0 && at - begin < 4 && (text[begin] & 0xC0) == 0x80)
        --begin;
    const CodePoint code = codePointAt(text.substr(0, at), begin);
    return begin + code.size == at ? code : CodePoint {0xFFFD, 1};
}

bool isUnspacedLetter(std::uint32_t c)
{
    // Thai, Lao, Myanmar, Khmer; kana, ideographs, their extensions and half-width forms. Hangul has spaces,
    // but its particles follow foreign words without one.
    return (c >= 0x0E00 && c <= 0x0EFF) || (c >= 0x1000 && c <= 0x109F) || (c >= 0x1780 && c <= 0x17FF) || (c >= 0x3005 && c <= 0x3007) || (c >= 0x3041 && c <= 0x312F)
        || (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7AF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFF66 && c <= 0xFF9D) || (c >= 0x20000 && c <= 0x3FFFF);
}

bool isSpacedLetter(std::uint32_t c)
{
    if (c < 0x80)
        return isAlpha(static_cast<char>(c));
    return c < 0x3000 && !isUnspacedLetter(c) && (u_isalpha(static_cast<UChar32>(c)) || (u_getCombiningClass(static_cast<UChar32>(c)) != 0));
}

std::size_t separatorAt(std::string_view text, std::size_t at, std::string_view others)
{
    const char c = byteAt(text, at);
    if (c == ' ' || (c != '\0' && others.find(c) != std::string_view::npos))
        return 1;
    if (c == '\xC2' && byteAt(text, at + 1) == '\xA0')
        return 2;
    if (text.substr(at, 3) == "\xE2\x80\xAF" || text.substr(at, 3) == "\xE2\x80\x91")  // narrow no-break space, no-break hyphen
        return 3;
    return 0;
}

WordList::WordList(std::initializer_list<std::string_view> words)
{
    for (const std::string_view word : words)
        m_byFirst[static_cast<unsigned char>(word.front())].push_back(word);
}

std::size_t WordList::last(std::string_view text) const
{
    std::size_t best = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (isAlnum(text[at]) && at > 0 && isAlnum(text[at - 1]))
            continue;
        for (const std::string_view word : m_byFirst[static_cast<unsigned char>(text[at])]) {
            const std::size_t end = at + word.size();
            const bool endsWord = word.size() > 3 || !isAlpha(word.back()) || !isAlpha(byteAt(text, end));
            if (end > best && endsWord && text.substr(at, word.size()) == word)
                best = end;
        }
    }
    return best;
}

namespace {

/// Where the last number ends that is one of its own, with dots or three digits: not the 8 of "V8".
std::size_t numberEnd(std::string_view text)
{
    for (std::size_t end = text.size(); end > 0;) {
        if (!isDigit(text[end - 1])) {
            --end;
            continue;
        }
        std::size_t begin = end, digits = 0, dots = 0;
        while (begin > 0 && (isDigit(text[begin - 1]) || text[begin - 1] == '.')) {
            --begin;
            isDigit(text[begin]) ? ++digits : ++dots;
        }
        if (digits > 2 || dots > 0)
            return end;
        end = begin;
    }
    return 0;
}

}

Context contextBefore(const Place& place, std::size_t at, std::size_t window, const WordList& wordsFor, const WordList& wordsAgainst)
{
    std::size_t begin = at > window ? at - window : 0;
    if (const auto line = place.text.substr(begin, at - begin).rfind('\n'); line != std::string_view::npos)
        begin += line + 1;
    while (begin > 0 && begin < at && (place.text[begin] & 0xC0) == 0x80)
        ++begin;
    std::string before = toLower(place.text.substr(begin, at - begin));
    if (begin == 0 && !place.label.empty())
        before = std::string(place.label) + ": " + before;
    const std::size_t behindNumber = numberEnd(before);
    const std::size_t good = wordsFor.last(before), bad = wordsAgainst.last(std::string_view(before).substr(behindNumber));
    if (good == 0 && bad == 0)
        return Context::None;
    return bad == 0 || good > bad + behindNumber ? Context::For : Context::Against;
}

std::string onlyDigits(std::string_view value)
{
    std::string out;
    for (const char c : value)
        if (isDigit(c))
            out += c;
    return out;
}

std::string onlyAlnum(std::string_view value)
{
    std::string out;
    for (const char c : value)
        if (isAlnum(c))
            out += isLower(c) ? static_cast<char>(c - 32) : c;
    return out;
}

const Detector* findDetector(std::string_view kind)
{
    for (const Detector* detector : detectors())
        if (detector->kind == kind)
            return detector;
    return nullptr;
}

}
