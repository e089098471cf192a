// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/text.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <bit>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace attune::cleaner {
namespace {

bool isAscii(std::string_view text)
{
    std::size_t at = 0;
    std::uint64_t seen = 0;
    for (std::uint64_t eight = 0; at + 8 <= text.size() && !(seen & 0x8080808080808080u); at += 8) {
        std::memcpy(&eight, text.data() + at, 8);
        seen |= eight;
    }
    for (; at < text.size(); ++at)
        seen |= static_cast<unsigned char>(text[at]);
    return !(seen & 0x8080808080808080u);
}

icu::StringPiece piece(std::string_view text)
{
    return {text.data(), static_cast<std::int32_t>(text.size())};
}

bool isAsciiSpace(char c)
{
    return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
}

/// Copies text with A-Z made small; true if a byte is not ASCII.
#if defined(__GNUC__) && !defined(__clang__)
__attribute__((optimize("O3")))
#endif
bool lowerAscii(const char* text, std::size_t size, char* __restrict__ out, bool& changed)
{
    unsigned char seen = 0, differs = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        const auto bit = static_cast<unsigned char>((static_cast<unsigned char>(c - 'A') < 26) << 5);
        seen |= c;
        differs |= bit;
        out[i] = static_cast<char>(c + bit);
    }
    changed = differs != 0;
    return seen & 0x80;
}

bool staysAsItIs(std::string_view text, std::size_t at)
{
    const char c = text[at];
    return c > ' ' || (c == ' ' ? at == 0 || text[at - 1] != ' ' : c >= 0 ? !isAsciiSpace(c) : spaceAt(text, at) == 0);
}

/// The first white space that is not a single space; the text's size if there is none.
std::size_t firstUncollapsed(std::string_view text)
{
    std::size_t at = 0;
#ifdef __SSE2__
    const __m128i space = _mm_set1_epi8(' ');
    for (unsigned before = 0; at + 16 <= text.size(); at += 16) {
        const __m128i c = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
        const auto spaces = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(c, space)));
        // Signed: everything below ' ' is a control character or beyond ASCII.
        const auto others = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmplt_epi8(c, space)));
        unsigned doubtful = others | (spaces & (spaces << 1 | before));
        before = spaces >> 15;
        for (; doubtful; doubtful &= doubtful - 1)
            if (const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(doubtful)); !staysAsItIs(text, place))
                return place;
    }
#endif
    while (at < text.size() && staysAsItIs(text, at))
        ++at;
    return at;
}

// ICU counts in 32 bits; texts beyond that are left as they are.
bool fitsIcu(std::string_view text)
{
    return text.size() < (std::size_t(1) << 30);
}

}

#if defined(__GNUC__) && !defined(__clang__)
__attribute__((optimize("O3")))
#endif
std::int64_t countCharacters(std::string_view text)
{
    return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

bool isSpace(std::uint32_t c)
{
    if (c < 0x80)
        return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
    return u_isUWhiteSpace(static_cast<UChar32>(c));
}

std::size_t spaceAt(std::string_view text, std::size_t at)
{
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80)
        return isSpace(lead) ? 1 : 0;
    if (lead != 0xC2 && lead != 0xE1 && lead != 0xE2 && lead != 0xE3)
        return 0;  // no white space begins with another byte
    std::int32_t i = 0;
    UChar32 code = 0;
    const std::string_view part = text.substr(at, 4);
    U8_NEXT(reinterpret_cast<const std::uint8_t*>(part.data()), i, static_cast<std::int32_t>(part.size()), code);
    return code >= 0 && isSpace(static_cast<std::uint32_t>(code)) ? static_cast<std::size_t>(i) : 0;
}

bool isBlank(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t space = spaceAt(text, at);
        if (!space)
            return false;
        at += space;
    }
    return true;
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty()) {
        const std::size_t space = spaceAt(text, 0);
        if (!space)
            break;
        text.remove_prefix(space);
    }
    while (!text.empty()) {
        std::size_t start = text.size() - 1;
        while (start > 0 && (text[start] & 0xC0) == 0x80)
            --start;
        if (spaceAt(text, start) != text.size() - start)
            break;
        text.remove_suffix(text.size() - start);
    }
    return text;
}

std::string collapseSpace(std::string_view text)
{
    std::string out;
    return collapseSpace(text, out) ? out : std::string(text);
}

bool collapseSpace(std::string_view text, std::string& out)
{
    // Up to the first white space that does not stay as it is, nothing needs copying.
    std::size_t at = firstUncollapsed(text);
    if (at == text.size())
        return false;
    bool wasSpace = at > 0 && text[at - 1] == ' ';
    out.assign(text.substr(0, at));
    while (at < text.size()) {
        const std::size_t space = spaceAt(text, at);
        if (space) {
            if (!wasSpace)
                out += ' ';
            at += space;
        } else {
            out += text[at++];
        }
        wasSpace = space > 0;
    }
    return true;
}

std::string toLower(std::string_view text)
{
    std::string out;
    return toLower(text, out) ? out : std::string(text);
}

bool toLower(std::string_view text, std::string& out)
{
    out.resize(text.size());
    bool changed = false;
    if (!lowerAscii(text.data(), text.size(), out.data(), changed) || !fitsIcu(text))
        return changed;
    out.clear();
    icu::StringByteSink<std::string> sink(&out);
    UErrorCode error = U_ZERO_ERROR;
    icu::CaseMap::utf8ToLower("", 0, piece(text), sink, nullptr, error);
    return U_SUCCESS(error) && out != text;
}

std::string normalizeUnicode(std::string_view text, bool compatibility)
{
    std::string out;
    return normalizeUnicode(text, compatibility, out) ? out : std::string(text);
}

bool normalizeUnicode(std::string_view text, bool compatibility, std::string& out)
{
    if (isAscii(text) || !fitsIcu(text))
        return false;
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* form = compatibility ? icu::Normalizer2::getNFKCInstance(error) : icu::Normalizer2::getNFCInstance(error);
    if (U_FAILURE(error) || form->isNormalizedUTF8(piece(text), error))
        return false;
    out.clear();
    icu::StringByteSink<std::string> sink(&out);
    form->normalizeUTF8(0, piece(text), sink, nullptr, error);
    return U_SUCCESS(error) && out != text;
}

std::string comparableText(std::string_view text)
{
    std::string out;
    comparableText(text, out);
    return out;
}

void comparableText(std::string_view text, std::string& out)
{
    out.clear();
    out.reserve(text.size());
    // Word by word: neither composition nor a letter's case reaches over ASCII white space.
    for (std::size_t at = 0; at < text.size();) {
        while (at < text.size() && isAsciiSpace(text[at]))
            ++at;
        const std::size_t begin = at, before = out.size();
        if (at < text.size() && before)
            out += ' ';
        const std::size_t start = out.size();
        unsigned char seen = 0;
        for (; at < text.size() && !isAsciiSpace(text[at]); ++at) {
            const auto c = static_cast<unsigned char>(text[at]);
            seen |= c;
            out += static_cast<char>(c + ((static_cast<unsigned char>(c - 'A') < 26) << 5));
        }
        if (!(seen & 0x80))
            continue;
        const std::string folded = collapseSpace(toLower(normalizeUnicode(text.substr(begin, at - begin), true)));
        const std::string_view word = trimmed(folded);
        out.resize(word.empty() ? before : start);
        out += word;
    }
}

}
