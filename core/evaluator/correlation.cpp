// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/correlation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace attune::evaluator {
namespace {

std::vector<double> ranksOf(std::span<const double> values)
{
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<double> ranks(values.size());
    for (std::size_t begin = 0; begin < order.size();) {
        std::size_t end = begin;
        while (end < order.size() && values[order[end]] == values[order[begin]])
            ++end;
        for (std::size_t i = begin; i < end; ++i)
            ranks[order[i]] = static_cast<double>(begin + end + 1) / 2.0;
        begin = end;
    }
    return ranks;
}

}

double pearsonOf(std::span<const double> x, std::span<const double> y)
{
    const auto n = static_cast<double>(std::min(x.size(), y.size()));
    if (n < 2)
        return std::numeric_limits<double>::quiet_NaN();
    const double meanX = std::accumulate(x.begin(), x.end(), 0.0) / n, meanY = std::accumulate(y.begin(), y.end(), 0.0) / n;
    double both = 0, squareX = 0, squareY = 0;
    for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
        both += (x[i] - meanX) * (y[i] - meanY);
        squareX += (x[i] - meanX) * (x[i] - meanX);
        squareY += (y[i] - meanY) * (y[i] - meanY);
    }
    if (squareX == 0 || squareY == 0)
        return std::numeric_limits<double>::quiet_NaN();
    return std::clamp(both / std::sqrt(squareX) / std::sqrt(squareY), -1.0, 1.0);
}

double spearmanOf(std::span<const double> x, std::span<const double> y)
{
    const auto rankX = ranksOf(x), rankY = ranksOf(y);
    return pearsonOf(rankX, rankY);
}

}
