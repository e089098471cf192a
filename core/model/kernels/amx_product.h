// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace attune::model::kernels {

// Matrix products on the tile units (AMX) of Sapphire Rapids and later, against a right side that was put into
// the order of the tiles once. LibTorch's products put it in that order at every call, and return only when the
// whole result is in memory. bfloat16, or float32 as sums of two bfloat16 each (amx_matrix.h). Where there are no tile units, bfloat16
// products run on VDPBF16PS in the same order (vector_panel.h). No LibTorch here.

/// The right side B [K, N] of a product in the order of the tiles (packed_matrix.h makes it): panels of 32 columns, in them
/// blocks of 32 rows. For a product of float32, blocks from `plain` on have a second plane, of what rounding left of each value.
struct PackedRight {
    const std::uint16_t* values = nullptr;
    const std::uint8_t* hasLow = nullptr;  ///< of each block: whether it has that plane
    std::int64_t rows = 0, columns = 0;    ///< K, N
    std::int64_t blocks = 0, plain = 0;

    std::int64_t panels() const { return (columns + 31) / 32; }
    /// Where a block begins in a panel, in values.
    std::int64_t offsetOf(std::int64_t block) const { return (block > plain ? 2 * block - plain : block) * 1024; }
    const std::uint16_t* panel(std::int64_t index) const { return values + index * offsetOf(blocks); }
};

/// Values by rows, the stride in elements; or, where blocks is set, bfloat16 in tiles: blocks of 32 rows by 32 columns,
/// rows first, `blocks` of them for 32 rows. The tile units read and write the latter without a copy.
struct AmxRows {
    void* data = nullptr;
    std::int64_t stride = 0;
    std::int64_t blocks = 0;
};

/// What amxProduct() multiplies: out = addend + [a | p] · b with p = a · inner, the low-rank part, which is also
/// written to `projected`. Without an inner matrix: out = addend + a · b. All of one type.
struct AmxOperands {
    AmxRows a;                             ///< as many columns as inner, or b, has rows; tiled: p is written behind them
    PackedRight inner;
    AmxRows projected;                     ///< by rows; as many columns as inner
    PackedRight b;                         ///< rows of inner and its columns together; empty: only p is wanted
    AmxRows out;                           ///< as many columns as b
    AmxRows addend;                        ///< by rows: what is added to the product, out itself maybe; no data: nothing
    bool isFloat32 = false;
    std::int64_t firstPanel = 0, lastPanel = -1;  ///< of b, 32 columns each; −1: to the end
};

/// Rows [begin, end) of the product, on this thread; begin is a multiple of 32. Sums in float32; results are
/// rounded once, those that are added to what is there twice. scratch: amxScratchBytes() bytes on a border of 64.
void amxProduct(std::int64_t begin, std::int64_t end, const AmxOperands& operands, void* scratch);
std::int64_t amxScratchBytes(const AmxOperands& operands);

/// Of bfloat16: c(r, k) += scale · Σ_t g(t, r) · x(t, k) for columns [first, last) of x: the gradient of a low-rank
/// matrix [ranks, K], c(r, k) at c[r · strideRank + k · strideColumn] in float32. On this thread; first is a
/// multiple of 32.
struct AmxGradient {
    std::int64_t tokens = 0, ranks = 0;
    AmxRows g;                             ///< by rows
    AmxRows x;
    float scale = 1.0f;
    float* c = nullptr;
    std::int64_t strideRank = 0, strideColumn = 0;
};
void amxGradient(std::int64_t first, std::int64_t last, const AmxGradient& task, void* scratch);
std::int64_t amxScratchBytes(const AmxGradient& task, std::int64_t columns);

}
