// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace attune::evaluator {

/// A generated answer and what it should have been, UTF-8.
struct TextPair {
    std::string prediction, reference;
};

/// Code points of a text; invalid bytes become U+FFFD.
std::u32string codePoints(std::string_view text);
/// White space as Python's str.isspace has it, on which the reference implementations split.
bool isSpace(char32_t c);
/// The words between white space.
std::vector<std::u32string> splitWords(std::u32string_view text);
/// Without white space at both ends.
std::string_view stripped(std::string_view text);

/// How often each run of n items occurs. Items are numbered, so that a run compares as integers.
using NgramCounts = std::map<std::vector<std::int32_t>, std::int64_t>;
NgramCounts countNgrams(const std::vector<std::int32_t>& items, std::size_t n);
/// The sum of the smaller counts of runs that occur in both.
std::int64_t matches(const NgramCounts& a, const NgramCounts& b);

/// Numbers words, equal ones alike.
class WordNumbers
{
public:
    std::vector<std::int32_t> of(const std::vector<std::u32string>& words);

private:
    std::map<std::u32string, std::int32_t> m_numbers;
};

}
