// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/text.h"

#include "base/clones.h"
#include "cleaner/byte_search.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <bit>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace attune::cleaner {
namespace {

icu::StringPiece piece(std::string_view text)
{
    return {text.data(), static_cast<std::int32_t>(text.size())};
}

bool isAsciiSpace(char c)
{
    return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
}

/// Copies text with A-Z made small; true if a byte is not ASCII.
ATTUNE_CLONES
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

constexpr std::size_t kNear = 32;  // ASCII that costs less than another call of ICU

/// Calls take(begin, end) for stretches of whole words with bytes beyond ASCII; words that are near go together. Neither
/// composition nor a letter's case reaches over ASCII white space, so that a stretch can be worked on alone.
template<typename Take>
void eachWideStretch(std::string_view text, const Take& take)
{
    for (std::size_t at = firstWide(text, 0), end = 0; at < text.size();) {
        std::size_t begin = at;
        while (begin > end && !isAsciiSpace(text[begin - 1]))
            --begin;
        do {
            end = at;
            while (end < text.size() && !isAsciiSpace(text[end]))
                ++end;
            at = firstWide(text, end);
        } while (at < text.size() && at - end < kNear);
        take(begin, end);
    }
}

void lowerByIcu(std::string_view text, std::string& out, UErrorCode& error)
{
    out.clear();
    icu::StringByteSink<std::string> sink(&out);
    icu::CaseMap::utf8ToLower("", 0, piece(text), sink, nullptr, error);
}

/// Whether a text may not be in the form yet. In NFC all below U+0300, whose UTF-8 begins with CC, stays as it is.
bool mayNeed(const icu::Normalizer2& form, bool compatibility, std::string_view text, UErrorCode& error)
{
    const bool isLatin = !compatibility && std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xCC; });
    return !isLatin && !form.isNormalizedUTF8(piece(text), error);
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
    thread_local std::string lowered;
    UErrorCode error = U_ZERO_ERROR;
    bool fits = true;
    eachWideStretch(text, [&](std::size_t begin, std::size_t end) {
        const std::string_view stretch = text.substr(begin, end - begin);
        lowerByIcu(stretch, lowered, error);
        changed |= lowered != stretch;
        fits = fits && lowered.size() == stretch.size();
        if (fits)
            lowered.copy(out.data() + begin, stretch.size());
    });
    if (!fits)  // few letters need more or fewer bytes when they are small
        lowerByIcu(text, out, error);
    return U_SUCCESS(error) && changed;
}

std::string normalizeUnicode(std::string_view text, bool compatibility)
{
    std::string out;
    return normalizeUnicode(text, compatibility, out) ? out : std::string(text);
}

bool normalizeUnicode(std::string_view text, bool compatibility, std::string& out)
{
    if (!fitsIcu(text))
        return false;
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* form = compatibility ? icu::Normalizer2::getNFKCInstance(error) : icu::Normalizer2::getNFCInstance(error);
    if (U_FAILURE(error))
        return false;
    bool isNormal = true;
    eachWideStretch(text, [&](std::size_t begin, std::size_t end) { isNormal = isNormal && !mayNeed(*form, compatibility, text.substr(begin, end - begin), error); });
    if (isNormal)
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
