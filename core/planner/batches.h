// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tokenizer/packing.h"
#include "tokenizer/shard.h"

#include <cstdint>
#include <span>
#include <vector>

namespace attune::planner {

/// How rows become micro-batches (recipe.md "Batches, steps, evaluation").
struct BatchOptions {
    bool isPacked = true;
    bool isShuffled = true;
    std::int64_t batchSize = 8;    ///< rows a micro-batch, or with packing: batchSize · maxLength is the token budget
    std::int64_t maxLength = 512;
};

/// The micro-batches of an epoch before any shuffling: bins of positions in lengths. Packed: best-fit
/// decreasing, in file order (next fit) when not shuffled; unpacked: batchSize positions each. Their
/// number is N_batches of HF's counting, in every epoch. Any thread.
tokenizer::Bins microBatches(std::span<const std::int32_t> lengths, const BatchOptions& options);

/// The lengths of some rows of a shard, in tokens.
std::vector<std::int32_t> lengthsOf(const tokenizer::TokenShard& shard, std::span<const std::int64_t> rows);

/// Which rows of a shard train and which evaluate; indices in file order.
struct EvalSplit {
    std::vector<std::int64_t> train, eval;
};

/// The first ⌈fraction · n⌉ (at least 1) rows of a seeded permutation evaluate. Rows with equal tokens form a
/// group that stays on one side, so that nothing is evaluated that was trained on. No evaluation rows
/// below 20 rows, at fraction 0, or where one group is all there is.
EvalSplit splitEvaluation(const tokenizer::TokenShard& shard, double fraction, std::uint64_t seed);

}
