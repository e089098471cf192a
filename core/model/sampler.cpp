// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/sampler.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <vector>

namespace attune::model {

Sampler::Sampler(const SamplerOptions& options)
    : m_options(options)
    , m_random(options.seed)
{
}

std::int32_t Sampler::next(const at::Tensor& logits, std::span<const std::int32_t> seen)
{
    const auto onHost = logits.to(at::kCPU, at::kFloat).contiguous();
    std::vector<float> scores(onHost.data_ptr<float>(), onHost.data_ptr<float>() + onHost.numel());
    if (m_options.repetitionPenalty != 1.0) {
        const auto penalty = static_cast<float>(m_options.repetitionPenalty);
        for (const auto id : std::set<std::int32_t>(seen.begin(), seen.end())) {
            auto& score = scores.at(static_cast<std::size_t>(id));
            score = score > 0 ? score / penalty : score * penalty;
        }
    }
    if (m_options.temperature <= 0)
        return static_cast<std::int32_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());

    std::vector<std::int32_t> order(scores.size());
    std::iota(order.begin(), order.end(), 0);
    const auto isBefore = [&](std::int32_t x, std::int32_t y) {
        const float a = scores[static_cast<std::size_t>(x)], b = scores[static_cast<std::size_t>(y)];
        return a != b ? a > b : x < y;
    };
    const auto kept = m_options.topK > 0 ? std::min<std::size_t>(static_cast<std::size_t>(m_options.topK), order.size()) : order.size();
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(), isBefore);
    order.resize(kept);

    std::vector<double> weights;
    const double top = scores[static_cast<std::size_t>(order.front())];
    for (const auto id : order)
        weights.push_back(std::exp((scores[static_cast<std::size_t>(id)] - top) / m_options.temperature));
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    // The smallest set whose probability reaches topP, then those above minP of the likeliest.
    std::size_t count = 0;
    double reached = 0;
    while (count < weights.size() && (count == 0 || (reached < m_options.topP * total && weights[count] >= m_options.minP * weights.front())))
        reached += weights[count++];

    double draw = static_cast<double>(m_random.next() >> 11) * 0x1.0p-53 * reached;
    for (std::size_t i = 0; i < count; ++i) {
        draw -= weights[i];
        if (draw < 0)
            return order[i];
    }
    return order[count - 1];
}

}
