// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/pii.h"

#include <array>
#include <initializer_list>
#include <vector>

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

/// Lower-case words that say what stands behind them. Those of up to three letters must stand alone, longer
/// ones may go on ("telefon" in "telefonnummer"); each begins where a word begins.
class WordList
{
public:
    WordList(std::initializer_list<std::string_view> words);
    /// Where the last listed word of a text ends; 0 if there is none.
    std::size_t last(std::string_view text) const;

private:
    std::array<std::vector<std::string_view>, 256> m_byFirst;
};

/// What the words before a number say: that it is of the kind, or of another; the nearest word decides.
enum class Context { None, For, Against };
/// Looks at up to `window` bytes before `at` on the same line, and at the label where the text begins there.
/// What speaks against a number must not have another number between: "version 2 on 10.0.0.1".
Context contextBefore(const Place& place, std::size_t at, std::size_t window, const WordList& wordsFor, const WordList& wordsAgainst);

/// Only the digits of a value; only its letters and digits, as capitals.
std::string onlyDigits(std::string_view value);
std::string onlyAlnum(std::string_view value);

}
