// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/text/words.h"

#include "tokenizer/unicode.h"

#include <algorithm>
#include <cstdint>

namespace attune::evaluator {

std::u32string codePoints(std::string_view text)
{
    const std::string valid = tokenizer::isValidUtf8(text) ? std::string(text) : tokenizer::toValidUtf8(text);
    std::u32string result;
    result.reserve(valid.size());
    for (std::size_t i = 0; i < valid.size();) {
        const auto point = tokenizer::codePointAt(valid.data() + i);
        result.push_back(point.value);
        i += static_cast<std::size_t>(point.length);
    }
    return result;
}

bool isSpace(char32_t c)
{
    return (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028
        || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

std::vector<std::u32string> splitWords(std::u32string_view text)
{
    std::vector<std::u32string> words;
    for (std::size_t i = 0; i < text.size();) {
        while (i < text.size() && isSpace(text[i]))
            ++i;
        const std::size_t begin = i;
        while (i < text.size() && !isSpace(text[i]))
            ++i;
        if (i > begin)
            words.emplace_back(text.substr(begin, i - begin));
    }
    return words;
}

std::string_view stripped(std::string_view text)
{
    constexpr std::string_view kSpace = " \t\n\r\v\f";
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    text.remove_suffix(text.size() - std::min(text.find_last_not_of(kSpace) + 1, text.size()));
    return text;
}

NgramCounts countNgrams(const std::vector<std::int32_t>& items, std::size_t n)
{
    NgramCounts counts;
    for (std::size_t i = 0; i + n <= items.size(); ++i)
        ++counts[{items.begin() + static_cast<std::ptrdiff_t>(i), items.begin() + static_cast<std::ptrdiff_t>(i + n)}];
    return counts;
}

std::int64_t matches(const NgramCounts& a, const NgramCounts& b)
{
    std::int64_t sum = 0;
    for (const auto& [run, count] : a)
        if (const auto it = b.find(run); it != b.end())
            sum += std::min(count, it->second);
    return sum;
}

std::vector<std::int32_t> WordNumbers::of(const std::vector<std::u32string>& words)
{
    std::vector<std::int32_t> numbers;
    numbers.reserve(words.size());
    for (const auto& word : words)
        numbers.push_back(m_numbers.try_emplace(word, static_cast<std::int32_t>(m_numbers.size())).first->second);
    return numbers;
}

}
