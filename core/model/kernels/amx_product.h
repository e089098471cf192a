// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace attune::model::kernels {

// Matrix products of bfloat16 on the tile units (AMX) of Sapphire Rapids and later, against a right side
// that was put into the order of the tiles once. LibTorch's products put it in that order at every call,
// and return only when the whole result is in memory. No LibTorch here.

/// The right side B [K, N] of a product in the order of the tiles (packed_matrix.h makes it).
struct PackedRight {
    const std::uint16_t* values = nullptr;
    std::int64_t rows = 0, columns = 0;  ///< K, N
    std::int64_t blocks = 0;             ///< of 32 rows
};

/// bfloat16 values by rows, the stride in elements; or, where blocks is set, tiled: blocks of 32 rows by 32 columns,
/// rows first, `blocks` of them for 32 rows. The tile units read and write the latter without a copy.
struct Bfloat16Rows {
    std::uint16_t* data = nullptr;
    std::int64_t stride = 0;
    std::int64_t blocks = 0;
};

/// What amxProduct() multiplies: out = addend + [a | p] · b with p = a · inner, the low-rank part, which is also
/// written to `projected`. Without an inner matrix: out = addend + a · b.
struct AmxOperands {
    Bfloat16Rows a;                        ///< as many columns as inner, or b, has rows; tiled: p is written behind them
    PackedRight inner;
    Bfloat16Rows projected;                ///< by rows; as many columns as inner
    PackedRight b;                         ///< rows of inner and its columns together; empty: only p is wanted
    Bfloat16Rows out;                      ///< as many columns as b
    Bfloat16Rows addend;                   ///< by rows: what is added to the product, out itself maybe; no data: nothing
    std::int64_t firstPanel = 0, lastPanel = -1;  ///< of b, 32 columns each; −1: to the end
};

/// Rows [begin, end) of the product, on this thread; begin is a multiple of 32. Sums in float32; results are
/// rounded once, those that are added to what is there twice. scratch: amxScratchBytes() bytes on a border of 64.
void amxProduct(std::int64_t begin, std::int64_t end, const AmxOperands& operands, void* scratch);
std::int64_t amxScratchBytes(const AmxOperands& operands);

/// c(r, k) += scale · Σ_t g(t, r) · x(t, k) for columns [first, last) of x: the gradient of a low-rank
/// matrix [ranks, K], c(r, k) at c[r · strideRank + k · strideColumn] in float32. On this thread; first is a
/// multiple of 32.
struct AmxGradient {
    std::int64_t tokens = 0, ranks = 0;
    Bfloat16Rows g;                        ///< by rows
    Bfloat16Rows x;
    float scale = 1.0f;
    float* c = nullptr;
    std::int64_t strideRank = 0, strideColumn = 0;
};
void amxGradient(std::int64_t first, std::int64_t last, const AmxGradient& task, void* scratch);
std::int64_t amxScratchBytes(const AmxGradient& task, std::int64_t columns);

}
