// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "planner/batches.h"

#include <cstdint>
#include <span>
#include <vector>

namespace attune::planner {

/// Which rows make up which micro-batch of which epoch. Bins are made once; each epoch permutes bins and
/// rows inside them (unpacked: all rows) with SplitMix64(seed + epoch), so that a position is two numbers
/// and a resume needs no more. Training thread only.
class Sampler
{
public:
    /// rows: indices into the shard; lengths: their tokens, same order.
    Sampler(std::vector<std::int64_t> rows, const std::vector<std::int32_t>& lengths, const BatchOptions& options, std::uint64_t seed);

    std::int64_t microBatches() const { return static_cast<std::int64_t>(m_bins.size()); }
    /// Row indices of a micro-batch, in their order. epoch and index from 0.
    std::vector<std::int64_t> microBatch(std::int64_t epoch, std::int64_t index);

private:
    void arrange(std::int64_t epoch);
    std::span<std::int32_t> positionsOf(std::size_t bin);

    std::vector<std::int64_t> m_rows;
    BatchOptions m_options;
    std::uint64_t m_seed = 0;
    tokenizer::Bins m_bins;                 ///< positions in m_rows, unshuffled
    std::vector<std::size_t> m_order;       ///< of m_epoch: the bins in turn
    std::vector<std::int32_t> m_positions;  ///< of m_epoch: m_bins.rows, shuffled within each bin
    std::int64_t m_epoch = -1;
};

}
