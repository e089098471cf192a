// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/text/bleu.h"

#include <array>
#include <cmath>
#include <cstdint>

namespace attune::evaluator {
namespace {

constexpr std::size_t kOrders = 4;

struct Statistics {
    std::array<std::int64_t, kOrders> correct {}, total {};
    std::int64_t answerWords = 0, referenceWords = 0;
};

void replaceAll(std::u32string& text, std::u32string_view what, std::u32string_view with)
{
    for (std::size_t at = text.find(what); at != std::u32string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

bool isDigit(char32_t c) { return c >= U'0' && c <= U'9'; }
bool isStop(char32_t c) { return c == U'.' || c == U','; }

/// Marks that always stand alone: {-~ [-` space-& (-+ :-@ and the slash.
bool isMark(char32_t c)
{
    return (c >= U'{' && c <= U'~') || (c >= U'[' && c <= U'`') || (c >= U' ' && c <= U'&') || (c >= U'(' && c <= U'+') || (c >= U':' && c <= U'@') || c == U'/';
}

/// One pass over neighbours, as a regular expression for two characters works: what was matched is not looked
/// at again. Where `matches(a, b)`, the pair becomes before + a + between + b + after.
template<typename Matches>
std::u32string spacePairs(const std::u32string& text, Matches matches, std::u32string_view before, std::u32string_view after)
{
    std::u32string out;
    out.reserve(text.size() + text.size() / 4);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i + 1 < text.size() && matches(text[i], text[i + 1])) {
            out.append(before).append(1, text[i]).append(1, U' ').append(1, text[i + 1]).append(after);
            ++i;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

void addPair(const TextPair& pair, Statistics& statistics)
{
    WordNumbers numbers;
    const auto answer = numbers.of(words13a(pair.prediction)), reference = numbers.of(words13a(pair.reference));
    statistics.answerWords += static_cast<std::int64_t>(answer.size());
    statistics.referenceWords += static_cast<std::int64_t>(reference.size());
    for (std::size_t n = 1; n <= kOrders; ++n) {
        statistics.correct[n - 1] += matches(countNgrams(answer, n), countNgrams(reference, n));
        statistics.total[n - 1] += std::max<std::int64_t>(0, static_cast<std::int64_t>(answer.size()) - static_cast<std::int64_t>(n) + 1);
    }
}

double scoreOf(const Statistics& s)
{
    if (s.correct == std::array<std::int64_t, kOrders> {})
        return 0.0;
    double penalty = 1.0;
    if (s.answerWords < s.referenceWords)
        penalty = s.answerWords > 0 ? std::exp(1.0 - static_cast<double>(s.referenceWords) / static_cast<double>(s.answerWords)) : 0.0;
    double logSum = 0.0, smoothing = 1.0;
    for (std::size_t n = 0; n < kOrders; ++n) {
        if (s.total[n] == 0)
            return 0.0;  // an order that no answer reaches: its precision is 0
        if (s.correct[n] == 0)
            smoothing *= 2.0;
        const double share = s.correct[n] == 0 ? 1.0 / smoothing : static_cast<double>(s.correct[n]);
        logSum += std::log(100.0 * share / static_cast<double>(s.total[n]));
    }
    return penalty * std::exp(logSum / kOrders);
}

}

std::vector<std::u32string> words13a(std::string_view text)
{
    std::u32string line = codePoints(text);
    while (!line.empty() && isSpace(line.back()))
        line.pop_back();
    for (const auto& [what, with] : {std::pair<std::u32string_view, std::u32string_view> {U"<skipped>", U""}, {U"-\n", U""}, {U"\n", U" "}, {U"&quot;", U"\""},
             {U"&amp;", U"&"}, {U"&lt;", U"<"}, {U"&gt;", U">"}})
        replaceAll(line, what, with);
    line = U" " + line + U" ";
    std::u32string marked;
    for (const char32_t c : line) {
        if (isMark(c))
            marked.append(1, U' ').append(1, c).append(1, U' ');
        else
            marked.push_back(c);
    }
    marked = spacePairs(marked, [](char32_t a, char32_t b) { return !isDigit(a) && isStop(b); }, U"", U" ");
    marked = spacePairs(marked, [](char32_t a, char32_t b) { return isStop(a) && !isDigit(b); }, U" ", U"");
    marked = spacePairs(marked, [](char32_t a, char32_t b) { return isDigit(a) && b == U'-'; }, U"", U" ");
    return splitWords(marked);
}

double corpusBleu(std::span<const TextPair> pairs)
{
    Statistics statistics;
    for (const auto& pair : pairs)
        addPair(pair, statistics);
    return scoreOf(statistics);
}

}
