// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace attune::cleaner {

/// Unicode code points of UTF-8 text.
std::int64_t countCharacters(std::string_view text);
/// Unicode white space, the separators U+001C to U+001F included.
bool isSpace(std::uint32_t codePoint);
/// Length of white space at the start; 0 if there is none.
std::size_t spaceAt(std::string_view text, std::size_t at);
bool isBlank(std::string_view text);
std::string_view trimmed(std::string_view text);
/// Runs of white space become one space each; nothing is trimmed.
std::string collapseSpace(std::string_view text);
std::string toLower(std::string_view text);
/// Unicode normalisation form C or KC (UAX 15).
std::string normalizeUnicode(std::string_view text, bool compatibility);
// The same into a text that is used again; false if nothing changed (then `out` holds anything).
bool collapseSpace(std::string_view text, std::string& out);
bool toLower(std::string_view text, std::string& out);
bool normalizeUnicode(std::string_view text, bool compatibility, std::string& out);
/// The form in which two texts are "the same": NFKC, lower case, words joined by single spaces.
std::string comparableText(std::string_view text);
void comparableText(std::string_view text, std::string& out);

}
