// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/amx_product.h"

#include "model/kernels/amx_panel.h"
#include "model/kernels/amx_vector.h"

#if defined(__x86_64__)

#include <cstddef>

namespace attune::model::kernels {

namespace {

constexpr std::int64_t kLongRows = 256;
constexpr std::int64_t kPieceBlocks = 20;  // of a panel: 40 KB of a first-level cache of 48

/// Parts of the inner dimension that a panel is worked through in.
std::int64_t piecesOf(std::int64_t blocks)
{
    return (blocks + kPieceBlocks - 1) / kPieceBlocks;
}

/// Rows of the left side that are packed and stay in the second-level cache while all panels pass.
std::int64_t rowBlock(std::int64_t blocks)
{
    return blocks <= 24 ? 512 : blocks <= 56 ? 256 : 128;
}

/// Rows [begin, end) in tiles: per 32 rows and 32 columns two tiles of 16 rows; zero behind the ends.
void packLeft(std::int64_t begin, std::int64_t end, const std::uint16_t* values, std::int64_t stride, std::int64_t columns, std::int64_t blocks, std::uint16_t* to)
{
    const std::int64_t padded = (end - begin + 31) / 32 * 32;
    for (std::int64_t m = 0; m < padded; ++m) {
        std::uint16_t* row = to + m / 32 * blocks * 1024 + m % 32 * 32;
        const std::uint16_t* from = values + (begin + m) * stride;
        for (std::int64_t k = 0; k < blocks; ++k) {
            const auto left = begin + m < end ? least(32, columns - k * 32) : 0;
            _mm512_storeu_si512(row + k * 1024, _mm512_maskz_loadu_epi16(firstLanes(left), from + k * 32));
        }
    }
}

/// Appends p behind the first `columns` columns of a left side in tiles, and zeros to the end of its last block.
void appendLeft(std::int64_t begin, std::int64_t end, Bfloat16Rows p, std::int64_t count, std::int64_t columns, std::int64_t blocks, std::uint16_t* to)
{
    for (std::int64_t m = 0; m < end - begin; ++m) {
        std::uint16_t* row = to + m / 32 * blocks * 1024 + m % 32 * 32;
        const std::uint16_t* from = p.data + (begin + m) * p.stride;
        if (columns % 32 == 0) {
            for (std::int64_t i = 0; i < count; i += 32)
                _mm512_storeu_si512(row + (columns + i) * 32, _mm512_maskz_loadu_epi16(firstLanes(count - i), from + i));
            continue;
        }
        for (std::int64_t i = 0; i < count; ++i)
            row[(columns + i) / 32 * 1024 + (columns + i) % 32] = from[i];
    }
}

thread_local Pace g_pace;

inline void writeSums(const float* sums, std::int64_t rows, std::int64_t columns, std::uint16_t* out, std::int64_t stride, const std::uint16_t* addend, std::int64_t addendStride)
{
    const __mmask32 mask = firstLanes(columns);
    for (std::int64_t r = 0; r < rows; ++r) {
        __m512 low = _mm512_loadu_ps(sums + r * 32), high = _mm512_loadu_ps(sums + r * 32 + 16);
        std::uint16_t* to = out + r * stride;
        if (addend) {
            const __m512i before = _mm512_maskz_loadu_epi16(mask, addend + r * addendStride);
            low = _mm512_add_ps(low, widened(_mm512_castsi512_si256(before)));
            high = _mm512_add_ps(high, widened(_mm512_extracti64x4_epi64(before, 1)));
        }
        _mm512_mask_storeu_epi16(to, mask, rounded(low, high));
    }
}

/// Where 32 columns of a result go that begin at a row (a multiple of 32 in tiles).
inline std::uint16_t* placeOf(const Bfloat16Rows& out, std::int64_t row, std::int64_t panel)
{
    return out.blocks ? out.data + (row / 32 * out.blocks + panel) * 1024 : out.data + row * out.stride + panel * 32;
}

inline std::int64_t strideOf(const Bfloat16Rows& out)
{
    return out.blocks ? 32 : out.stride;
}

/// Sums of 32 rows from `row` on and of one panel go to the result. Tiles are written whole: what is behind the last row came
/// from zeros.
inline void writeSlice(const float* sums, std::int64_t row, std::int64_t last, std::int64_t panel, std::int64_t columns, const Bfloat16Rows& out, const Bfloat16Rows& addend)
{
    writeSums(sums, out.blocks ? 32 : least(32, last - row), columns - panel * 32, placeOf(out, row, panel), strideOf(out),
        addend.data ? placeOf(addend, row, panel) : nullptr, addend.stride);
}

/// Rows of one block against panels [firstPanel, lastPanel) of a right side, a piece of the inner dimension at a time: what a
/// panel holds of it stays in the first-level cache. Panels lie behind each other, so what comes next is what lies next.
void multiplyPanels(std::int64_t first, std::int64_t last, const std::uint16_t* left, std::int64_t leftBlocks, const PackedRight& b,
    std::int64_t firstPanel, std::int64_t lastPanel, Bfloat16Rows out, Bfloat16Rows addend, float* sums)
{
    const auto slices = (last - first + 31) / 32, pieces = piecesOf(b.blocks);
    const auto multiply = g_pace.isEarly(pieces) ? multiplyPanel<true> : multiplyPanel<false>;
    for (std::int64_t panel = firstPanel; panel < lastPanel; ++panel) {
        const auto* right = b.values + panel * b.blocks * 1024;
        for (std::int64_t piece = 0; piece < pieces; ++piece) {
            const auto block = b.blocks * piece / pieces, blocks = b.blocks * (piece + 1) / pieces - block;
            Ahead ahead {right + (block + blocks) * 1024, (32 + slices - 1) / slices};
            for (std::int64_t slice = 0; slice < slices; ++slice) {
                auto* sum = sums + (pieces > 1 ? slice * 1024 : 0);
                multiply(left + (slice * leftBlocks + block) * 1024, right + block * 1024, blocks, sum, piece > 0, ahead);
                if (piece + 1 < pieces)
                    continue;
                writeSlice(sum, first + slice * 32, last, panel, b.columns, out, addend);
            }
        }
    }
    g_pace.ended((lastPanel - firstPanel) * slices * b.blocks);
}

/// A long inner dimension: pieces of it one after another over all panels, sums kept in float32, so that the right side is
/// read once for many rows, and what is packed and what is summed stay in the second-level cache.
void multiplyLong(std::int64_t first, std::int64_t last, const AmxOperands& o, std::int64_t firstPanel, std::int64_t lastPanel, float* sums, std::uint16_t* room)
{
    const auto panels = lastPanel - firstPanel, slices = (last - first + 31) / 32, pieces = piecesOf(o.b.blocks);
    const auto multiply = g_pace.isEarly(pieces) ? multiplyPanel<true> : multiplyPanel<false>;
    for (std::int64_t piece = 0; piece < pieces; ++piece) {
        const auto block = o.b.blocks * piece / pieces, blocks = o.b.blocks * (piece + 1) / pieces - block;
        if (!o.a.blocks)
            packLeft(first, last, o.a.data + block * 32, o.a.stride, o.b.rows - block * 32, blocks, room);
        const auto* left = o.a.blocks ? o.a.data + (first / 32 * o.a.blocks + block) * 1024 : room;
        const auto leftBlocks = o.a.blocks ? o.a.blocks : blocks;
        for (std::int64_t panel = 0; panel < panels; ++panel) {
            const auto* right = o.b.values + ((firstPanel + panel) * o.b.blocks + block) * 1024;
            Ahead ahead {right + o.b.blocks * 1024, (32 + slices - 1) / slices};  // the same part of the next panel
            for (std::int64_t slice = 0; slice < slices; ++slice)
                multiply(left + slice * leftBlocks * 1024, right, blocks, sums + (panel * slices + slice) * 1024, piece > 0, ahead);
        }
    }
    g_pace.ended(panels * slices * o.b.blocks);
    for (std::int64_t panel = 0; panel < panels; ++panel) {
        for (std::int64_t slice = 0; slice < slices; ++slice) {
            writeSlice(sums + (panel * slices + slice) * 1024, first + slice * 32, last, firstPanel + panel, o.b.columns, o.out, o.addend);
        }
    }
}

std::int64_t panelsOf(const PackedRight& b)
{
    return (b.columns + 31) / 32;
}

bool isLongProduct(const AmxOperands& o)
{
    return o.b.blocks > 64 && (o.a.blocks || !o.inner.values);
}

/// Sums in float32 that are kept at a time: of a block's rows for all panels, for one panel, or of one slice.
std::int64_t sumsOf(const AmxOperands& o)
{
    const auto blocks = o.b.values ? o.b.blocks : o.inner.blocks;
    if (isLongProduct(o))
        return kLongRows * 32 * ((o.lastPanel < 0 ? panelsOf(o.b) : o.lastPanel) - o.firstPanel);
    return piecesOf(blocks) > 1 ? rowBlock(blocks) * 32 : 1024;
}

}

void amxProduct(std::int64_t begin, std::int64_t end, const AmxOperands& o, void* scratch)
{
    const TileState tiles;
    const bool hasInner = o.inner.values != nullptr, hasOuter = o.b.values != nullptr, isLong = isLongProduct(o);
    const auto columns = hasInner ? o.inner.rows : o.b.rows, blocks = o.a.blocks ? o.a.blocks : hasOuter ? o.b.blocks : o.inner.blocks;
    const auto firstPanel = o.firstPanel, lastPanel = o.lastPanel < 0 ? panelsOf(o.b) : o.lastPanel;
    const auto step = isLong ? kLongRows : rowBlock(blocks);
    auto* sums = static_cast<float*>(scratch);
    auto* room = reinterpret_cast<std::uint16_t*>(sums + sumsOf(o));
    for (std::int64_t first = begin; first < end; first += step) {
        const auto last = least(end, first + step);
        auto* left = o.a.blocks ? o.a.data + first / 32 * blocks * 1024 : room;
        if (!o.a.blocks && !isLong)
            packLeft(first, last, o.a.data, o.a.stride, columns, blocks, left);
        if (hasInner) {
            multiplyPanels(first, last, left, blocks, o.inner, 0, panelsOf(o.inner), o.projected, {}, sums);
            if (hasOuter)
                appendLeft(first, last, o.projected, o.inner.columns, columns, blocks, left);
        }
        if (isLong)
            multiplyLong(first, last, o, firstPanel, lastPanel, sums, room);
        else if (hasOuter)
            multiplyPanels(first, last, left, blocks, o.b, firstPanel, lastPanel, o.out, o.addend, sums);
    }
}

std::int64_t amxScratchBytes(const AmxOperands& o)
{
    const auto blocks = o.b.values ? o.b.blocks : o.inner.blocks;
    const auto room = o.a.blocks ? 0 : isLongProduct(o) ? kLongRows * kPieceBlocks * 64 : rowBlock(blocks) * blocks * 64;
    return sumsOf(o) * 4 + room;
}

}

#endif
