// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/sampler.h"

#include "base/random.h"

namespace attune::planner {

Sampler::Sampler(std::vector<std::int64_t> rows, const std::vector<std::int32_t>& lengths, const BatchOptions& options, std::uint64_t seed)
    : m_rows(std::move(rows))
    , m_options(options)
    , m_seed(seed)
    , m_bins(planner::microBatches(lengths, options))
{
}

std::vector<std::int64_t> Sampler::microBatch(std::int64_t epoch, std::int64_t index)
{
    if (epoch != m_epoch)
        arrange(epoch);
    std::vector<std::int64_t> rows;
    for (const auto position : m_arranged.at(static_cast<std::size_t>(index)))
        rows.push_back(m_rows[static_cast<std::size_t>(position)]);
    return rows;
}

void Sampler::arrange(std::int64_t epoch)
{
    m_epoch = epoch;
    m_arranged = m_bins;
    if (!m_options.isShuffled)
        return;
    SplitMix64 random(m_seed + static_cast<std::uint64_t>(epoch));
    if (m_options.isPacked) {
        random.shuffle(m_arranged);
        for (auto& bin : m_arranged)
            random.shuffle(bin);
        return;
    }
    std::vector<std::int64_t> order(m_rows.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = static_cast<std::int64_t>(i);
    random.shuffle(order);
    for (auto& bin : m_arranged)
        for (auto& position : bin)
            position = order[static_cast<std::size_t>(position)];
}

}
