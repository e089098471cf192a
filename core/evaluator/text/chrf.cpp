// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/text/chrf.h"

#include <array>
#include <cstdint>

namespace attune::evaluator {
namespace {

constexpr std::size_t kOrders = 6;
constexpr double kBetaSquared = 4.0;

struct Statistics {
    std::array<std::int64_t, kOrders> answer {}, reference {}, matched {};
};

std::vector<std::int32_t> characters(std::string_view text)
{
    std::vector<std::int32_t> result;
    for (const char32_t c : codePoints(text))
        if (!isSpace(c))
            result.push_back(static_cast<std::int32_t>(c));
    return result;
}

std::int64_t runs(std::size_t length, std::size_t n)
{
    return length < n ? 0 : static_cast<std::int64_t>(length - n + 1);
}

void addPair(const TextPair& pair, Statistics& s)
{
    const auto answer = characters(pair.prediction), reference = characters(pair.reference);
    for (std::size_t n = 1; n <= kOrders; ++n) {
        const auto inReference = runs(reference.size(), n);
        // An order that the reference does not reach is not counted against the answer.
        s.answer[n - 1] += inReference > 0 ? runs(answer.size(), n) : 0;
        s.reference[n - 1] += inReference;
        s.matched[n - 1] += matches(countNgrams(answer, n), countNgrams(reference, n));
    }
}

}

double corpusChrf(std::span<const TextPair> pairs)
{
    Statistics s;
    for (const auto& pair : pairs)
        addPair(pair, s);
    double precision = 0, recall = 0;
    int orders = 0;
    for (std::size_t n = 0; n < kOrders; ++n) {
        if (s.answer[n] == 0 || s.reference[n] == 0)
            continue;
        precision += static_cast<double>(s.matched[n]) / static_cast<double>(s.answer[n]);
        recall += static_cast<double>(s.matched[n]) / static_cast<double>(s.reference[n]);
        ++orders;
    }
    if (orders == 0 || precision + recall == 0)
        return 0.0;
    precision /= orders;
    recall /= orders;
    return 100.0 * (1 + kBetaSquared) * precision * recall / (kBetaSquared * precision + recall);
}

}
