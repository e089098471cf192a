// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace attune::model::kernels {

// Products on the tile units of two matrices that both change, or that are too many to be kept in the order of the tiles:
// both sides are put into it on the way. bfloat16, or float32 as sums of two bfloat16 each, x = high + low:
// x·w ≈ high·high + high·low + low·high, with a relative error of about 2^-17 a product. No LibTorch here.

/// A matrix by rows, the stride in elements.
struct AmxSide {
    const void* data = nullptr;
    std::int64_t stride = 0;
    bool isFloat32 = false;
    bool isAcross = false;  ///< the operand is its transpose
};

/// out [M, N] = scale · left [M, K] · right [K, N], plus the addend. Both sides of one type.
struct AmxMatrices {
    std::int64_t rows = 0, inner = 0, columns = 0;  ///< M, K, N
    AmxSide left, right;
    float scale = 1.0f;
    void* out = nullptr;
    std::int64_t outStride = 0;
    bool isOutFloat32 = false;
    const void* addend = nullptr;  ///< of out's type, maybe out itself; null: nothing
    std::int64_t addendStride = 0;

    std::int64_t slices() const { return (rows + 31) / 32; }
    std::int64_t blocks() const { return (inner + 31) / 32; }
    std::int64_t panels() const { return (columns + 31) / 32; }
    std::int64_t blockValues() const { return left.isFloat32 ? 2048 : 1024; }  ///< of 32 by 32: one plane, or high and low
    std::int64_t panelBytes() const { return blocks() * blockValues() * 2; }       ///< of 32 rows of the left side, or 32 columns of the right one
};

/// 32 columns of the result for slices [firstSlice, lastSlice) of 32 rows. left: of the whole matrix, right and hasLow: of this
/// panel, as they were put in the order of the tiles.
struct AmxPart {
    const std::uint16_t* left = nullptr;
    const std::uint16_t* right = nullptr;
    const std::uint8_t* hasLow = nullptr;
    std::int64_t firstSlice = 0, lastSlice = 0, panel = 0;
};

/// Puts slices [first, last) of 32 rows of the left side into the order of the tiles: panelBytes() each, slice 0 at `to`.
void amxPackLeft(const AmxMatrices& task, std::int64_t first, std::int64_t last, std::uint16_t* to);
/// The same for panels [first, last) of 32 columns of the right side, of which the first begins at `to`; hasLow: for each of their blocks()
/// whether anything is left in the low plane. Of weights that were stored in bfloat16 nothing is: one product less, with the same result.
void amxPackRight(const AmxMatrices& task, std::int64_t first, std::int64_t last, std::uint16_t* to, std::uint8_t* hasLow);
/// On this thread. Reads a little ahead of part.right; scratch: amxScratchBytes() bytes on a border of 64 for that many slices.
void amxMultiplyPanel(const AmxMatrices& task, const AmxPart& part, void* scratch);
std::int64_t amxScratchBytes(const AmxMatrices& task, std::int64_t slices);
/// Slices that are multiplied at a time, so that their left side stays in the second-level cache.
std::int64_t amxSlicesAtATime(const AmxMatrices& task);

}
