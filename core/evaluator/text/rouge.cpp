// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/text/rouge.h"

#include "evaluator/text/porter.h"
#include "tokenizer/unicode.h"

#include <algorithm>
#include <cstdint>
#include <set>

namespace attune::evaluator {
namespace {

using Words = std::vector<std::int32_t>;

class RougeWords
{
public:
    explicit RougeWords(bool usesStemmer) : m_usesStemmer(usesStemmer) {}

    Words of(std::string_view text)
    {
        const std::string lower = tokenizer::lowercased(tokenizer::toValidUtf8(text));
        Words words;
        for (std::size_t i = 0; i < lower.size();) {
            std::size_t end = i;
            while (end < lower.size() && isWordCharacter(lower[end]))
                ++end;
            if (end > i)
                words.push_back(numberOf(lower.substr(i, end - i)));
            i = end + (end == i);
        }
        return words;
    }

    std::vector<Words> linesOf(std::string_view text)
    {
        std::vector<Words> lines;
        while (!text.empty()) {
            const auto end = std::min(text.find('\n'), text.size());
            if (end > 0)
                lines.push_back(of(text.substr(0, end)));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        return lines;
    }

private:
    static bool isWordCharacter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
    std::int32_t numberOf(const std::string& word)
    {
        const std::string stem = m_usesStemmer && word.size() > 3 ? porterStem(word) : word;
        return m_numbers.try_emplace(stem, static_cast<std::int32_t>(m_numbers.size())).first->second;
    }

    bool m_usesStemmer;
    std::map<std::string, std::int32_t> m_numbers;
};

double fMeasure(std::int64_t hits, std::int64_t answer, std::int64_t reference)
{
    if (hits == 0 || answer == 0 || reference == 0)
        return 0.0;
    const double precision = static_cast<double>(hits) / static_cast<double>(answer), recall = static_cast<double>(hits) / static_cast<double>(reference);
    return 2 * precision * recall / (precision + recall);
}

double ngramScore(const Words& answer, const Words& reference, std::size_t n)
{
    const auto runs = [n](const Words& words) { return words.size() < n ? 0 : static_cast<std::int64_t>(words.size() - n + 1); };
    return fMeasure(matches(countNgrams(answer, n), countNgrams(reference, n)), runs(answer), runs(reference));
}

/// Lengths of the longest common subsequences of all beginnings: [reference + 1][answer + 1].
std::vector<std::vector<std::int32_t>> lcsTable(const Words& reference, const Words& answer)
{
    std::vector<std::vector<std::int32_t>> table(reference.size() + 1, std::vector<std::int32_t>(answer.size() + 1, 0));
    for (std::size_t i = 1; i <= reference.size(); ++i)
        for (std::size_t j = 1; j <= answer.size(); ++j)
            table[i][j] = reference[i - 1] == answer[j - 1] ? table[i - 1][j - 1] + 1 : std::max(table[i - 1][j], table[i][j - 1]);
    return table;
}

/// Places in the reference of one longest common subsequence. Of several, the one that walking back from the end
/// finds when it goes up the reference unless only the other way is better: rouge_score's choice, which the union needs.
void addCommonPlaces(const Words& reference, const Words& answer, std::set<std::size_t>& places)
{
    const auto table = lcsTable(reference, answer);
    std::size_t i = reference.size(), j = answer.size();
    while (i > 0 && j > 0) {
        if (reference[i - 1] == answer[j - 1]) {
            places.insert(i - 1);
            --i;
            --j;
        } else if (table[i][j - 1] > table[i - 1][j]) {
            --j;
        } else {
            --i;
        }
    }
}

std::map<std::int32_t, std::int64_t> countWords(const std::vector<Words>& lines, std::int64_t& total)
{
    std::map<std::int32_t, std::int64_t> counts;
    for (const auto& line : lines)
        for (const auto word : line) {
            ++counts[word];
            ++total;
        }
    return counts;
}

double summaryScore(const std::vector<Words>& answer, const std::vector<Words>& reference)
{
    std::int64_t answerWords = 0, referenceWords = 0, hits = 0;
    auto left = countWords(answer, answerWords), wanted = countWords(reference, referenceWords);
    for (const auto& line : reference) {
        std::set<std::size_t> places;
        for (const auto& candidate : answer)
            addCommonPlaces(line, candidate, places);
        for (const auto place : places) {
            // No word counts more often than it occurs.
            if (left[line[place]] > 0 && wanted[line[place]] > 0) {
                ++hits;
                --left[line[place]];
                --wanted[line[place]];
            }
        }
    }
    return fMeasure(hits, answerWords, referenceWords);
}

}

Rouge rougeOf(const TextPair& pair, bool usesStemmer)
{
    RougeWords words(usesStemmer);
    const auto answer = words.of(pair.prediction), reference = words.of(pair.reference);
    Rouge rouge;
    rouge.rouge1 = ngramScore(answer, reference, 1);
    rouge.rouge2 = ngramScore(answer, reference, 2);
    rouge.rougeL = fMeasure(lcsTable(reference, answer).back().back(), static_cast<std::int64_t>(answer.size()), static_cast<std::int64_t>(reference.size()));
    rouge.rougeLsum = summaryScore(words.linesOf(pair.prediction), words.linesOf(pair.reference));
    return rouge;
}

Rouge meanRouge(std::span<const TextPair> pairs, bool usesStemmer)
{
    Rouge mean;
    for (const auto& pair : pairs) {
        const auto one = rougeOf(pair, usesStemmer);
        mean.rouge1 += one.rouge1 / static_cast<double>(pairs.size());
        mean.rouge2 += one.rouge2 / static_cast<double>(pairs.size());
        mean.rougeL += one.rougeL / static_cast<double>(pairs.size());
        mean.rougeLsum += one.rougeLsum / static_cast<double>(pairs.size());
    }
    return mean;
}

}
