// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/pii.h"

#include <initializer_list>

namespace attune::cleaner::pii {

// Bytes, ASCII only: what detectors look at around an anchor.

inline bool isDigit(char c) { return c >= '0' && c <= '9'; }
inline bool isUpper(char c) { return c >= 'A' && c <= 'Z'; }
inline bool isLower(char c) { return c >= 'a' && c <= 'z'; }
inline bool isAlpha(char c) { return isUpper(c) || isLower(c); }
inline bool isAlnum(char c) { return isAlpha(c) || isDigit(c); }
inline bool isHex(char c) { return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
inline bool isWord(char c) { return isAlnum(c) || c == '_'; }
inline bool isBeyondAscii(char c) { return (c & 0x80) != 0; }
inline char lower(char c) { return isUpper(c) ? static_cast<char>(c + 32) : c; }

/// The byte at `at`, or 0 outside of the text.
inline char byteAt(std::string_view text, std::size_t at) { return at < text.size() ? text[at] : '\0'; }
/// The byte `back` places before `at`, or 0.
inline char byteBefore(std::string_view text, std::size_t at, std::size_t back = 1) { return at >= back ? text[at - back] : '\0'; }

/// The code point that begins at `at`, and its bytes; a broken sequence is one byte of U+FFFD.
struct CodePoint {
    std::uint32_t value = 0;
    std::size_t size = 0;
};
CodePoint codePointAt(std::string_view text, std::size_t at);
/// The code point that ends before `at`; size 0 at the start of the text.
CodePoint codePointBefore(std::string_view text, std::size_t at);
/// A letter of a script that puts spaces between words (Latin, Cyrillic, Greek, Arabic …).
bool isSpacedLetter(std::uint32_t codePoint);
/// A letter, syllable or ideograph of a script that does not (Han, kana …).
bool isUnspacedLetter(std::uint32_t codePoint);

/// Bytes of the separator at `at`: a space, a no-break space, or one of `others`; 0 if there is none.
std::size_t separatorAt(std::string_view text, std::size_t at, std::string_view others);

/// What kind of thing the words before a number speak of: the nearest listed word decides.
enum class Context { None, For, Against };
/// Looks at up to `window` bytes before `at` on the same line, and at the label where the text begins there.
/// Words are lower-case; those of up to three letters must stand alone, longer ones may go on ("telefon" in
/// "telefonnummer"), each must begin at a word's start.
Context contextBefore(const Place& place, std::size_t at, std::size_t window, std::span<const std::string_view> wordsFor, std::span<const std::string_view> wordsAgainst);

/// Only the digits of a value; only its letters and digits, as capitals.
std::string onlyDigits(std::string_view value);
std::string onlyAlnum(std::string_view value);

}
