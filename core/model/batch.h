// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tokenizer/shard.h"

#include <cstdint>
#include <span>
#include <vector>

namespace attune::model {

/// A packed micro-batch: rows lie one after another, without padding, with their boundaries.
/// Attention never crosses a boundary; positions restart at each.
struct PackedBatch {
    std::vector<std::int32_t> ids;       ///< [T]
    std::vector<std::int32_t> targets;   ///< [T]: the next token of the same row where that token is trained, else -1
    std::vector<std::int32_t> segments;  ///< [S+1]: starts of the rows, last = T (cu_seqlens)
    std::int64_t trained = 0;            ///< number of targets

    std::int64_t tokens() const { return static_cast<std::int64_t>(ids.size()); }
    /// Appends a row: targets are shifted, the first token is never one.
    void add(const tokenizer::TokenRow& row);
};

/// Cuts a batch at segment boundaries into pieces of at most about maxTokens each; sums of losses and
/// gradients over the pieces are those of the whole.
std::vector<PackedBatch> split(const PackedBatch& batch, std::int64_t maxTokens);

}
