// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace attune::tokenizer {

/// What pre-tokenizers ask about a code point, as bits of one byte (Unicode 15 general categories;
/// white space is the property White_Space, which is what `\s` means in the tokenizers' patterns).
enum CharClass : std::uint8_t {
    kLetter = 1,       ///< L*
    kNumber = 2,       ///< N*
    kWhitespace = 4,
    kMark = 8,         ///< M*
    kPunctuation = 16, ///< P*
    kSymbol = 32,      ///< S*
    kControl = 64,     ///< Cc, Cf, Co, Cs, except where it is white space; unassigned code points have no bit
    kNonspacing = 128, ///< Mn: what strip_accents removes after NFD
};

inline constexpr std::uint32_t kCodePoints = 0x110000;

/// The class of every code point, 0x110000 bytes; built once, any thread.
const std::uint8_t* charClasses();

/// One code point of valid UTF-8 and its length in bytes.
struct CodePoint {
    char32_t value;
    int length;
};

/// Reads valid UTF-8; the caller has made sure of that (see toValidUtf8).
inline CodePoint codePointAt(const char* p)
{
    const auto b0 = static_cast<unsigned char>(p[0]);
    if (b0 < 0x80)
        return {b0, 1};
    const auto at = [p](int i) { return static_cast<char32_t>(static_cast<unsigned char>(p[i]) & 0x3F); };
    if (b0 < 0xE0)
        return {(static_cast<char32_t>(b0 & 0x1F) << 6) | at(1), 2};
    if (b0 < 0xF0)
        return {(static_cast<char32_t>(b0 & 0x0F) << 12) | (at(1) << 6) | at(2), 3};
    return {(static_cast<char32_t>(b0 & 0x07) << 18) | (at(1) << 12) | (at(2) << 6) | at(3), 4};
}

/// Length of the UTF-8 sequence that a lead byte announces; 1 for a continuation byte.
inline int sequenceLength(char lead)
{
    const auto b = static_cast<unsigned char>(lead);
    return b < 0xC0 ? 1 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;
}

void appendUtf8(std::string& out, char32_t value);

bool isValidUtf8(std::string_view text);
/// Every byte that belongs to no valid sequence becomes U+FFFD, as llama.cpp does before splitting.
std::string toValidUtf8(std::string_view text);
/// As Rust's String::from_utf8_lossy: one U+FFFD per maximal invalid prefix (Unicode 15, 3.9 D93b).
std::string toUtf8Lossy(std::string_view bytes);

enum class NormalForm { Nfc, Nfd, Nfkc, Nfkd };
/// Unicode normalisation through ICU; ASCII comes back as it is.
std::string normalized(std::string_view text, NormalForm form);
/// Lower case by code point with the special cases of SpecialCasing.txt that need no context, as Rust's char::to_lowercase.
std::string lowercased(std::string_view text);
/// The same for one code point, appended.
void appendLowercased(std::string& out, char32_t value);
bool isAscii(std::string_view text);

}
