// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/charsmap.h"

#include "tokenizer/unicode.h"

#include <unicode/brkiter.h>
#include <unicode/unistr.h>
#include <unicode/utext.h>

#include <cstring>
#include <memory>

namespace attune::tokenizer {
namespace {

// One unit of a Darts-clone double array.
bool hasLeaf(std::uint32_t unit) { return (unit >> 8) & 1; }
std::uint32_t valueOf(std::uint32_t unit) { return unit & 0x7FFFFFFF; }
std::uint32_t labelOf(std::uint32_t unit) { return unit & 0x800000FF; }
std::uint32_t offsetOf(std::uint32_t unit) { return (unit >> 10) << ((unit & (1u << 9)) >> 6); }

}

Result<Charsmap> Charsmap::parse(std::string_view blob)
{
    const auto broken = [] {
        return fail(ErrorCode::TokenizerBroken, "The tokenizer's table of replacements (precompiled_charsmap) is damaged.", "Fetch the model's files again.");
    };
    Charsmap map;
    if (blob.empty())
        return map;
    std::uint32_t bytes = 0;
    if (blob.size() < sizeof bytes)
        return broken();
    std::memcpy(&bytes, blob.data(), sizeof bytes);
    if (bytes > blob.size() - sizeof bytes || bytes % sizeof(std::uint32_t) != 0)
        return broken();
    map.m_units.resize(bytes / sizeof(std::uint32_t));
    std::memcpy(map.m_units.data(), blob.data() + sizeof bytes, bytes);
    map.m_strings = std::string(blob.substr(sizeof bytes + bytes));
    if (!map.m_strings.empty() && map.m_strings.back() != '\0')
        return broken();
    return map;
}

std::string_view Charsmap::replacementAt(std::uint32_t offset) const
{
    if (offset >= m_strings.size())
        return {};
    return {m_strings.data() + offset};  // ended by NUL: parse() has seen to it
}

Charsmap::Match Charsmap::longestPrefix(std::string_view text) const
{
    Match match;
    if (m_units.empty())
        return match;
    std::size_t node = offsetOf(m_units[0]);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte == 0)
            break;
        node ^= byte;
        if (node >= m_units.size() || labelOf(m_units[node]) != byte)
            break;
        const std::uint32_t unit = m_units[node];
        node ^= offsetOf(unit);
        if (node >= m_units.size())
            break;
        if (hasLeaf(unit))
            match = {i + 1, replacementAt(valueOf(m_units[node]))};
    }
    return match;
}

/// HF's transform(): the replacement of the *first* (shortest) key that is a prefix of the piece.
std::string_view Charsmap::exact(std::string_view key, bool& isFound) const
{
    isFound = false;
    if (m_units.empty())
        return {};
    std::size_t node = offsetOf(m_units[0]);
    for (const char c : key) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte == 0)
            break;
        node ^= byte;
        if (node >= m_units.size() || labelOf(m_units[node]) != byte)
            break;
        const std::uint32_t unit = m_units[node];
        node ^= offsetOf(unit);
        if (node >= m_units.size())
            break;
        if (hasLeaf(unit)) {
            isFound = true;
            return replacementAt(valueOf(m_units[node]));
        }
    }
    return {};
}

std::string Charsmap::applyByGrapheme(std::string_view text) const
{
    if (m_units.empty())
        return std::string(text);
    std::string out;
    out.reserve(text.size());
    const auto transform = [&](std::string_view grapheme) {
        bool isFound = false;
        if (grapheme.size() < 6) {
            if (const auto replacement = exact(grapheme, isFound); isFound) {
                out += replacement;
                return;
            }
        }
        for (std::size_t i = 0; i < grapheme.size();) {
            const auto piece = grapheme.substr(i, static_cast<std::size_t>(sequenceLength(grapheme[i])));
            const auto replacement = exact(piece, isFound);
            out += isFound ? replacement : piece;
            i += piece.size();
        }
    };
    if (isAscii(text)) {  // a grapheme per byte, except CR LF
        for (std::size_t i = 0; i < text.size();) {
            const std::size_t n = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n' ? 2 : 1;
            transform(text.substr(i, n));
            i += n;
        }
        return out;
    }
    UErrorCode error = U_ZERO_ERROR;
    std::unique_ptr<icu::BreakIterator> breaks(icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), error));
    UText* utext = utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &error);
    if (U_FAILURE(error) || !breaks)
        return std::string(text);
    breaks->setText(utext, error);
    std::int32_t begin = breaks->first();
    for (std::int32_t end = breaks->next(); end != icu::BreakIterator::DONE; begin = end, end = breaks->next())
        transform(text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
    utext_close(utext);
    return out;
}

}
