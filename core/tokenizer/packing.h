// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace attune::tokenizer {

/// Row indices that share one micro-batch, in order.
using Bin = std::vector<std::int64_t>;

/// Best-fit decreasing bin packing over row lengths (TRL's "bfd"; Johnson 1973): longest row first,
/// into the fullest bin it still fits. O(n log n), deterministic (ties by row index). Rows longer
/// than capacity get a bin of their own.
std::vector<Bin> packBestFit(std::span<const std::int32_t> lengths, std::int64_t capacity);

/// Rows in order, a new bin when the next row does not fit (for shuffle: false).
std::vector<Bin> packNextFit(std::span<const std::int32_t> lengths, std::int64_t capacity);

}
