// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/amx_product.h"

#include "model/kernels/amx_order.h"
#include "model/kernels/amx_panel.h"

#if defined(__x86_64__)

namespace attune::model::kernels {

namespace {

constexpr std::int64_t kLongRows = 256;
constexpr std::int64_t kPieceBlocks = 20;  // of a panel: 40 KB of a first-level cache of 48

/// Values of 32 by 32 of a left side in tiles: one plane, or high and low. S: std::uint16_t (bfloat16) or float.
template<typename S>
constexpr std::int64_t kLeftBlock = kHasLow<S> ? 2048 : 1024;

/// Parts of the inner dimension that a panel is worked through in.
std::int64_t piecesOf(std::int64_t blocks)
{
    return (blocks + kPieceBlocks - 1) / kPieceBlocks;
}

/// Rows of the left side that are packed and stay in the second-level cache while all panels pass.
template<typename S>
std::int64_t rowBlock(std::int64_t blocks)
{
    if (kHasLow<S>)
        return blocks <= 12 ? 512 : blocks <= 24 ? 384 : blocks <= 56 ? 192 : 64;
    return blocks <= 24 ? 512 : blocks <= 56 ? 256 : 128;
}

template<typename S>
inline void putHalves(const Halves& halves, std::uint16_t* to, __mmask32 lanes = ~0u)
{
    _mm512_mask_storeu_epi16(to, lanes, halves.high);
    if constexpr (kHasLow<S>)
        _mm512_mask_storeu_epi16(to + 1024, lanes, halves.low);
}

/// Rows [begin, end) in tiles: per 32 rows and 32 columns two tiles of 16 rows; zero behind the ends.
template<typename S>
void packLeft(std::int64_t begin, std::int64_t end, const S* values, std::int64_t stride, std::int64_t columns, std::int64_t blocks, std::uint16_t* to)
{
    const std::int64_t padded = (end - begin + 31) / 32 * 32;
    for (std::int64_t m = 0; m < padded; ++m) {
        std::uint16_t* row = to + m / 32 * blocks * kLeftBlock<S> + m % 32 * 32;
        const S* from = values + (begin + m) * stride;
        for (std::int64_t k = 0; k < blocks; ++k) {
            const auto left = begin + m < end ? least(32, columns - k * 32) : 0;
            putHalves<S>(load(from + k * 32, firstLanes(left)), row + k * kLeftBlock<S>);
        }
    }
}

/// Appends p behind the first `columns` columns of a left side in tiles, and zeros to the end of its last block.
template<typename S>
void appendLeft(std::int64_t begin, std::int64_t end, const AmxRows& p, std::int64_t count, std::int64_t columns, std::int64_t blocks, std::uint16_t* to)
{
    for (std::int64_t m = 0; m < end - begin; ++m) {
        std::uint16_t* row = to + m / 32 * blocks * kLeftBlock<S> + m % 32 * 32;
        const S* from = static_cast<const S*>(p.data) + (begin + m) * p.stride;
        const auto place = [row](std::int64_t column) { return row + column / 32 * kLeftBlock<S> + column % 32; };
        if (columns % 32 == 0) {
            for (std::int64_t i = 0; i < count; i += 32)
                putHalves<S>(load(from + i, firstLanes(count - i)), place(columns + i));
            continue;
        }
        for (std::int64_t i = 0; i < count; ++i)
            putHalves<S>(load(from + i, 1), place(columns + i), 1);
    }
}

thread_local Pace g_pace[2];  // bfloat16, float32

/// One slice of a left side against blocks [block, block + blocks) of a panel.
template<typename S>
struct Multiply {
    explicit Multiply(std::int64_t pieces)
        : isEarly(g_pace[kHasLow<S>].isEarly(pieces))
    {
    }
    static void ended(std::int64_t blocks) { g_pace[kHasLow<S>].ended(blocks); }

    void operator()(const std::uint16_t* left, const PackedRight& b, const std::uint16_t* panel, std::int64_t block, std::int64_t blocks, float* sums, bool adds, Ahead& ahead) const
    {
        if constexpr (kHasLow<S>)
            (isEarly ? multiplySplitPanel<true, true> : multiplySplitPanel<false, true>)(left, panel + b.offsetOf(block), b.hasLow + block, blocks, sums, adds, ahead);
        else
            (isEarly ? multiplyPanel<true> : multiplyPanel<false>)(left, panel + b.offsetOf(block), blocks, sums, adds, ahead);
    }

    const bool isEarly;
};

/// Where 32 columns of a result go that begin at a row (a multiple of 32 in tiles).
template<typename S>
inline S* placeOf(const AmxRows& out, std::int64_t row, std::int64_t panel)
{
    return static_cast<S*>(out.data) + (out.blocks ? (row / 32 * out.blocks + panel) * 1024 : row * out.stride + panel * 32);
}

/// Sums of 32 rows from `row` on and of one panel go to the result. Tiles are written whole: what is behind the last row came
/// from zeros.
template<typename S>
inline void writeSlice(const float* sums, std::int64_t row, std::int64_t last, std::int64_t panel, std::int64_t columns, const AmxRows& out, const AmxRows& addend)
{
    const auto rows = out.blocks ? 32 : least(32, last - row), stride = out.blocks ? 32 : out.stride;
    const __mmask32 lanes = firstLanes(columns - panel * 32);
    S* to = placeOf<S>(out, row, panel);
    const S* before = addend.data ? placeOf<S>(addend, row, panel) : nullptr;
    for (std::int64_t r = 0; r < rows; ++r)
        writeRow(_mm512_loadu_ps(sums + r * 32), _mm512_loadu_ps(sums + r * 32 + 16), lanes, to + r * stride, before ? before + r * addend.stride : nullptr);
}

/// Rows of one block against panels [firstPanel, lastPanel) of a right side, a piece of the inner dimension at a time: what a
/// panel holds of it stays in the first-level cache. Panels lie behind each other, so what comes next is what lies next.
template<typename S>
void multiplyPanels(std::int64_t first, std::int64_t last, const std::uint16_t* left, std::int64_t leftBlocks, const PackedRight& b,
    std::int64_t firstPanel, std::int64_t lastPanel, const AmxRows& out, const AmxRows& addend, float* sums)
{
    const auto slices = (last - first + 31) / 32, pieces = piecesOf(b.blocks);
    const Multiply<S> multiply(pieces);
    for (std::int64_t panel = firstPanel; panel < lastPanel; ++panel) {
        for (std::int64_t piece = 0; piece < pieces; ++piece) {
            const auto block = b.blocks * piece / pieces, blocks = b.blocks * (piece + 1) / pieces - block;
            Ahead ahead {b.panel(panel) + b.offsetOf(block + blocks), (32 + slices - 1) / slices};
            for (std::int64_t slice = 0; slice < slices; ++slice) {
                auto* sum = sums + (pieces > 1 ? slice * 1024 : 0);
                multiply(left + (slice * leftBlocks + block) * kLeftBlock<S>, b, b.panel(panel), block, blocks, sum, piece > 0, ahead);
                if (piece + 1 == pieces)
                    writeSlice<S>(sum, first + slice * 32, last, panel, b.columns, out, addend);
            }
        }
    }
    multiply.ended((lastPanel - firstPanel) * slices * b.blocks);
}

/// A long inner dimension: pieces of it one after another over all panels, sums kept in float32, so that the right side is
/// read once for many rows, and what is packed and what is summed stay in the second-level cache.
template<typename S>
void multiplyLong(std::int64_t first, std::int64_t last, const AmxOperands& o, std::int64_t firstPanel, std::int64_t lastPanel, float* sums, std::uint16_t* room)
{
    const auto panels = lastPanel - firstPanel, slices = (last - first + 31) / 32, pieces = piecesOf(o.b.blocks);
    const Multiply<S> multiply(pieces);
    for (std::int64_t piece = 0; piece < pieces; ++piece) {
        const auto block = o.b.blocks * piece / pieces, blocks = o.b.blocks * (piece + 1) / pieces - block;
        if (!o.a.blocks)
            packLeft(first, last, static_cast<const S*>(o.a.data) + block * 32, o.a.stride, o.b.rows - block * 32, blocks, room);
        const auto* left = o.a.blocks ? static_cast<const std::uint16_t*>(o.a.data) + (first / 32 * o.a.blocks + block) * 1024 : room;
        const auto leftBlocks = o.a.blocks ? o.a.blocks : blocks;
        for (std::int64_t panel = 0; panel < panels; ++panel) {
            const auto* right = o.b.panel(firstPanel + panel);
            Ahead ahead {right + o.b.offsetOf(o.b.blocks) + o.b.offsetOf(block), (32 + slices - 1) / slices};  // the same part of the next panel
            for (std::int64_t slice = 0; slice < slices; ++slice)
                multiply(left + slice * leftBlocks * kLeftBlock<S>, o.b, right, block, blocks, sums + (panel * slices + slice) * 1024, piece > 0, ahead);
        }
    }
    multiply.ended(panels * slices * o.b.blocks);
    for (std::int64_t panel = 0; panel < panels; ++panel) {
        for (std::int64_t slice = 0; slice < slices; ++slice)
            writeSlice<S>(sums + (panel * slices + slice) * 1024, first + slice * 32, last, firstPanel + panel, o.b.columns, o.out, o.addend);
    }
}

bool isLongProduct(const AmxOperands& o)
{
    return o.b.blocks > 64 && (o.a.blocks || !o.inner.values);
}

std::int64_t lastPanelOf(const AmxOperands& o)
{
    return o.lastPanel < 0 ? o.b.panels() : o.lastPanel;
}

std::int64_t rowBlockOf(const AmxOperands& o, std::int64_t blocks)
{
    return o.isFloat32 ? rowBlock<float>(blocks) : rowBlock<std::uint16_t>(blocks);
}

/// Sums in float32 that are kept at a time: of a block's rows for all panels, for one panel, or of one slice.
std::int64_t sumsOf(const AmxOperands& o)
{
    const auto blocks = o.b.values ? o.b.blocks : o.inner.blocks;
    if (isLongProduct(o))
        return kLongRows * 32 * (lastPanelOf(o) - o.firstPanel);
    return piecesOf(blocks) > 1 ? rowBlockOf(o, blocks) * 32 : 1024;
}

template<typename S>
void productOf(std::int64_t begin, std::int64_t end, const AmxOperands& o, void* scratch)
{
    const bool hasInner = o.inner.values != nullptr, hasOuter = o.b.values != nullptr, isLong = isLongProduct(o);
    const auto columns = hasInner ? o.inner.rows : o.b.rows, blocks = o.a.blocks ? o.a.blocks : hasOuter ? o.b.blocks : o.inner.blocks;
    const auto step = isLong ? kLongRows : rowBlock<S>(blocks);
    auto* sums = static_cast<float*>(scratch);
    auto* room = reinterpret_cast<std::uint16_t*>(sums + sumsOf(o));
    for (std::int64_t first = begin; first < end; first += step) {
        const auto last = least(end, first + step);
        auto* left = o.a.blocks ? static_cast<std::uint16_t*>(o.a.data) + first / 32 * blocks * 1024 : room;
        if (!o.a.blocks && !isLong)
            packLeft(first, last, static_cast<const S*>(o.a.data), o.a.stride, columns, blocks, left);
        if (hasInner) {
            multiplyPanels<S>(first, last, left, blocks, o.inner, 0, o.inner.panels(), o.projected, {}, sums);
            if (hasOuter)
                appendLeft<S>(first, last, o.projected, o.inner.columns, columns, blocks, left);
        }
        if (isLong)
            multiplyLong<S>(first, last, o, o.firstPanel, lastPanelOf(o), sums, room);
        else if (hasOuter)
            multiplyPanels<S>(first, last, left, blocks, o.b, o.firstPanel, lastPanelOf(o), o.out, o.addend, sums);
    }
}

}

void amxProduct(std::int64_t begin, std::int64_t end, const AmxOperands& operands, void* scratch)
{
    const TileState tiles;
    (operands.isFloat32 ? productOf<float> : productOf<std::uint16_t>)(begin, end, operands, scratch);
}

std::int64_t amxScratchBytes(const AmxOperands& o)
{
    const auto blocks = o.b.values ? o.b.blocks : o.inner.blocks;
    const auto room = o.a.blocks ? 0 : isLongProduct(o) ? kLongRows * kPieceBlocks : rowBlockOf(o, blocks) * blocks;
    return sumsOf(o) * 4 + room * (o.isFloat32 ? 128 : 64);
}

}

#endif
