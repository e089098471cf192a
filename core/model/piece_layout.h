// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/batch.h"
#include "model/kernels/kernels.h"

#include <compare>
#include <cstdint>
#include <vector>

namespace attune::model {

/// The rows of a piece as the decoder works on them: one after another, or with the beginning that all have in common
/// once in front. What a causal model makes of a beginning does not depend on what follows, so its values, and the sum
/// of its gradients, are the same.
struct PieceLayout {
    std::vector<std::int64_t> ids, targets, targetRows;
    std::vector<std::int32_t> positions;
    std::vector<kernels::Segment> segments;  ///< keys as keyRows has them
    std::vector<std::int64_t> keyRows;       ///< the token of each row of keys: the beginning, then every row as a whole
    std::int64_t longest = 0;                ///< of the rows
};

/// A shape that several pieces fit into, so that what was recorded for one serves all of them.
struct PieceShape {
    std::int64_t tokens = 0, targets = 0, segments = 0, longest = 0;
    auto operator<=>(const PieceShape&) const = default;
};

/// The layout's own shape rounded up: tokens by a thirty-second at most, with room for one of padding; the others more coarsely.
PieceShape roundedShape(const PieceLayout& layout);
/// The layout filled up to that shape: a row of padding behind the others, targets of -1 that lie in it, and empty segments. Losses
/// and gradients stay the same. For layouts without a common beginning.
void padTo(PieceLayout& layout, const PieceShape& shape);

/// How many tokens all rows begin with and none is trained on; 0 where that saves little.
std::int64_t commonBeginning(const PackedBatch& batch);

/// shared: of commonBeginning(), or 0.
PieceLayout layoutOf(const PackedBatch& batch, std::int64_t shared);

}
