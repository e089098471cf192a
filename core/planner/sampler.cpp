// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/sampler.h"

#include "base/random.h"

#include <numeric>

namespace attune::planner {
namespace {

/// As SplitMix64::shuffle, on a part of a list.
void shuffle(SplitMix64& random, std::span<std::int32_t> values)
{
    for (std::size_t i = values.size(); i > 1; --i)
        std::swap(values[i - 1], values[random.below(i)]);
}

}

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
    for (const auto position : positionsOf(m_order.at(static_cast<std::size_t>(index))))
        rows.push_back(m_rows[static_cast<std::size_t>(position)]);
    return rows;
}

std::span<std::int32_t> Sampler::positionsOf(std::size_t bin)
{
    const auto begin = static_cast<std::size_t>(m_bins.starts[bin]), end = static_cast<std::size_t>(m_bins.starts[bin + 1]);
    return std::span(m_positions).subspan(begin, end - begin);
}

void Sampler::arrange(std::int64_t epoch)
{
    m_epoch = epoch;
    m_positions = m_bins.rows;
    m_order.resize(m_bins.size());
    std::iota(m_order.begin(), m_order.end(), std::size_t(0));
    if (!m_options.isShuffled)
        return;
    SplitMix64 random(m_seed + static_cast<std::uint64_t>(epoch));
    if (!m_options.isPacked) {
        shuffle(random, m_positions);
        return;
    }
    random.shuffle(m_order);
    for (const auto bin : m_order)
        shuffle(random, positionsOf(bin));
}

}
