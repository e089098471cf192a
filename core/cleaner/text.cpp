// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/text.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

namespace attune::cleaner {
namespace {

bool isAscii(std::string_view text)
{
    return std::none_of(text.begin(), text.end(), [](char c) { return c & 0x80; });
}

icu::StringPiece piece(std::string_view text)
{
    return {text.data(), static_cast<std::int32_t>(text.size())};
}

bool isAsciiSpace(char c)
{
    return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
}

// ICU counts in 32 bits; texts beyond that are left as they are.
bool fitsIcu(std::string_view text)
{
    return text.size() < (std::size_t(1) << 30);
}

}

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
    out.reserve(text.size());
    bool wasSpace = false;
    for (std::size_t at = 0; at < text.size();) {
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
    return out;
}

std::string toLower(std::string_view text)
{
    std::string out;
    if (isAscii(text) || !fitsIcu(text)) {
        out = text;
        for (char& c : out)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        return out;
    }
    icu::StringByteSink<std::string> sink(&out);
    UErrorCode error = U_ZERO_ERROR;
    icu::CaseMap::utf8ToLower("", 0, piece(text), sink, nullptr, error);
    return U_SUCCESS(error) ? out : std::string(text);
}

std::string normalizeUnicode(std::string_view text, bool compatibility)
{
    if (isAscii(text) || !fitsIcu(text))
        return std::string(text);
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* form = compatibility ? icu::Normalizer2::getNFKCInstance(error) : icu::Normalizer2::getNFCInstance(error);
    std::string out;
    icu::StringByteSink<std::string> sink(&out);
    if (U_SUCCESS(error))
        form->normalizeUTF8(0, piece(text), sink, nullptr, error);
    return U_SUCCESS(error) ? out : std::string(text);
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
