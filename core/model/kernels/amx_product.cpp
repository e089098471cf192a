// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/amx_product.h"

#include "model/kernels/amx_tiles.h"

#if defined(__x86_64__)

// g++ 12 warns of its own headers (its bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

#include <cstddef>

namespace attune::model::kernels {

namespace {

constexpr std::int64_t kTileValues = 512;  // 16 rows of 32 bfloat16
constexpr std::int64_t kLongBlocks = 32, kLongRows = 256;
constexpr std::int64_t kAhead = 4;  // blocks

// Nothing of the standard library that the linker could share with files for lesser processors.
inline std::int64_t least(std::int64_t a, std::int64_t b)
{
    return a < b ? a : b;
}

inline __mmask32 firstLanes(std::int64_t count)
{
    return count >= 32 ? ~0u : (1u << (count > 0 ? count : 0)) - 1;
}

/// Rows of the left side that are packed and stay in the second-level cache while all panels pass.
std::int64_t rowBlock(std::int64_t blocks)
{
    return blocks <= 32 ? 256 : 128;
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

/// Appends p behind the first `columns` columns of a packed left side, which need not end on a block.
void appendLeft(std::int64_t begin, std::int64_t end, Bfloat16Rows p, std::int64_t count, std::int64_t columns, std::int64_t blocks, std::uint16_t* to)
{
    for (std::int64_t m = 0; m < end - begin; ++m) {
        std::uint16_t* row = to + m / 32 * blocks * 1024 + m % 32 * 32;
        const std::uint16_t* from = p.data + (begin + m) * p.stride;
        for (std::int64_t i = 0; i < count; ++i)
            row[(columns + i) / 32 * 1024 + (columns + i) % 32] = from[i];
    }
}

/// 32 × 32 of the result into sums. What the left side brings four blocks later is asked for on the way: tile
/// loads wait for the second-level cache, and the rows of a slice follow one another in memory.
inline void multiplyPanel(const std::uint16_t* left, const std::uint16_t* panel, std::int64_t blocks, float* sums, bool adds)
{
    if (adds) {
        loadTile<0>(sums, 128);
        loadTile<1>(sums + 16, 128);
        loadTile<2>(sums + 16 * 32, 128);
        loadTile<3>(sums + 16 * 32 + 16, 128);
    } else {
        zeroTile<0>();
        zeroTile<1>();
        zeroTile<2>();
        zeroTile<3>();
    }
    for (std::int64_t k = 0; k < blocks; ++k) {
        loadTile<4>(left + k * 1024, 64);
        loadTile<6>(panel + k * 1024, 64);
        multiplyTiles<0, 4, 6>();
        loadTile<7>(panel + k * 1024 + kTileValues, 64);
        multiplyTiles<1, 4, 7>();
        loadTile<5>(left + k * 1024 + kTileValues, 64);
        multiplyTiles<2, 5, 6>();
        multiplyTiles<3, 5, 7>();
        for (std::int64_t line = 0; line < 32; ++line)
            _mm_prefetch(reinterpret_cast<const char*>(left + (k + kAhead) * 1024 + line * 32), _MM_HINT_T0);
    }
    storeTile<0>(sums, 128);
    storeTile<1>(sums + 16, 128);
    storeTile<2>(sums + 16 * 32, 128);
    storeTile<3>(sums + 16 * 32 + 16, 128);
}

inline void writeSums(const float* sums, std::int64_t rows, std::int64_t columns, std::uint16_t* out, std::int64_t stride, bool adds)
{
    const __mmask32 mask = firstLanes(columns);
    for (std::int64_t r = 0; r < rows; ++r) {
        __m512 low = _mm512_loadu_ps(sums + r * 32), high = _mm512_loadu_ps(sums + r * 32 + 16);
        std::uint16_t* to = out + r * stride;
        if (adds) {
            const __m512i before = _mm512_maskz_loadu_epi16(mask, to);
            low = _mm512_add_ps(low, _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_castsi512_si256(before)), 16)));
            high = _mm512_add_ps(high, _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(before, 1)), 16)));
        }
        _mm512_mask_storeu_epi16(to, mask, reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high, low)));
    }
}

/// gᵀ in tiles: for each 16 ranks and 32 tokens one tile; zero behind the ends.
void packAcross(std::int64_t tokens, Bfloat16Rows g, std::int64_t ranks, std::int64_t steps, std::uint16_t* to)
{
    const std::int64_t tiles = (ranks + 15) / 16;
    __builtin_memset(to, 0, static_cast<std::size_t>(tiles * steps * kTileValues) * 2);
    for (std::int64_t t = 0; t < tokens; ++t) {
        const std::uint16_t* from = g.data + t * g.stride;
        std::uint16_t* column = to + t / 32 * kTileValues + t % 32;
        for (std::int64_t r = 0; r < ranks; ++r)
            column[r / 16 * steps * kTileValues + r % 16 * 32] = from[r];
    }
}

/// 32 tokens × 32 columns of x as two right-hand tiles: pairs of tokens side by side.
inline void packTokens(std::int64_t tokens, const std::uint16_t* x, std::int64_t stride, std::int64_t columns, std::uint16_t* to)
{
    const __mmask32 mask = firstLanes(columns);
    for (std::int64_t pair = 0; pair < 16; ++pair) {
        const auto row = [&](std::int64_t t) { return t < tokens ? _mm512_maskz_loadu_epi16(mask, x + t * stride) : _mm512_setzero_si512(); };
        const __m512i first = row(2 * pair), second = row(2 * pair + 1);
        const auto joined = [](__m256i a, __m256i b) { return _mm512_or_si512(_mm512_cvtepu16_epi32(a), _mm512_slli_epi32(_mm512_cvtepu16_epi32(b), 16)); };
        _mm512_storeu_si512(to + pair * 32, joined(_mm512_castsi512_si256(first), _mm512_castsi512_si256(second)));
        _mm512_storeu_si512(to + kTileValues + pair * 32, joined(_mm512_extracti64x4_epi64(first, 1), _mm512_extracti64x4_epi64(second, 1)));
    }
}

/// Rows of one block against panels [firstPanel, lastPanel) of a right side.
void multiplyPanels(std::int64_t first, std::int64_t last, const std::uint16_t* left, std::int64_t leftBlocks, const PackedRight& b,
    std::int64_t firstPanel, std::int64_t lastPanel, Bfloat16Rows out, bool adds, float* sums)
{
    const auto slices = (last - first + 31) / 32;
    for (std::int64_t panel = firstPanel; panel < lastPanel; ++panel) {
        const auto* right = b.values + panel * b.blocks * 1024;
        for (std::int64_t slice = 0; slice < slices; ++slice) {
            const auto row = first + slice * 32;
            multiplyPanel(left + slice * leftBlocks * 1024, right, b.blocks, sums, false);
            writeSums(sums, least(32, last - row), b.columns - panel * 32, out.data + row * out.stride + panel * 32, out.stride, adds);
        }
    }
}

/// A long inner dimension: pieces of it one after another, sums kept in float32, so that what is packed
/// and what is summed stay in the second-level cache.
void multiplyLong(std::int64_t first, std::int64_t last, const AmxOperands& o, std::int64_t firstPanel, std::int64_t lastPanel, float* sums, std::uint16_t* left)
{
    const auto panels = lastPanel - firstPanel, slices = (last - first + 31) / 32;
    for (std::int64_t block = 0; block < o.b.blocks; block += kLongBlocks) {
        const auto blocks = least(kLongBlocks, o.b.blocks - block);
        packLeft(first, last, o.a.data + block * 32, o.a.stride, o.b.rows - block * 32, blocks, left);
        for (std::int64_t panel = 0; panel < panels; ++panel) {
            const auto* right = o.b.values + ((firstPanel + panel) * o.b.blocks + block) * 1024;
            for (std::int64_t slice = 0; slice < slices; ++slice)
                multiplyPanel(left + slice * blocks * 1024, right, blocks, sums + (panel * slices + slice) * 1024, block > 0);
        }
    }
    for (std::int64_t panel = 0; panel < panels; ++panel) {
        for (std::int64_t slice = 0; slice < slices; ++slice) {
            const auto row = first + slice * 32, column = (firstPanel + panel) * 32;
            writeSums(sums + (panel * slices + slice) * 1024, least(32, last - row), o.b.columns - column, o.out.data + row * o.out.stride + column, o.out.stride, o.adds);
        }
    }
}

std::int64_t panelsOf(const PackedRight& b)
{
    return (b.columns + 31) / 32;
}

}

void amxProduct(std::int64_t begin, std::int64_t end, const AmxOperands& o, void* scratch)
{
    const TileState tiles;
    const bool hasInner = o.inner.values != nullptr, hasOuter = o.b.values != nullptr;
    const auto columns = hasInner ? o.inner.rows : o.b.rows, blocks = hasOuter ? o.b.blocks : o.inner.blocks;
    const auto firstPanel = o.firstPanel, lastPanel = o.lastPanel < 0 ? panelsOf(o.b) : o.lastPanel;
    const bool isLong = !hasInner && blocks > 2 * kLongBlocks;
    const auto step = isLong ? kLongRows : rowBlock(blocks);
    auto* sums = static_cast<float*>(scratch);
    auto* left = reinterpret_cast<std::uint16_t*>(sums + (isLong ? kLongRows * 32 * (lastPanel - firstPanel) : 1024));
    for (std::int64_t first = begin; first < end; first += step) {
        const auto last = least(end, first + step);
        if (isLong) {
            multiplyLong(first, last, o, firstPanel, lastPanel, sums, left);
            continue;
        }
        packLeft(first, last, o.a.data, o.a.stride, columns, blocks, left);
        if (hasInner) {
            multiplyPanels(first, last, left, blocks, o.inner, 0, panelsOf(o.inner), o.projected, false, sums);
            if (hasOuter)
                appendLeft(first, last, o.projected, o.inner.columns, columns, blocks, left);
        }
        if (hasOuter)
            multiplyPanels(first, last, left, blocks, o.b, firstPanel, lastPanel, o.out, o.adds, sums);
    }
}

std::int64_t amxScratchBytes(const AmxOperands& o)
{
    const auto blocks = o.b.values ? o.b.blocks : o.inner.blocks;
    if (!o.inner.values && blocks > 2 * kLongBlocks)
        return kLongRows * (panelsOf(o.b) * 128 + kLongBlocks * 64);
    return 4096 + rowBlock(blocks) * blocks * 64;
}

void amxGradient(std::int64_t begin, std::int64_t end, const AmxGradient& task, void* scratch)
{
    const TileState tiles;
    const std::int64_t steps = (task.tokens + 31) / 32, rankTiles = (task.ranks + 15) / 16;
    auto* sums = static_cast<float*>(scratch);
    auto* right = reinterpret_cast<std::uint16_t*>(sums + 512);
    auto* across = right + 2 * kTileValues;
    packAcross(task.tokens, task.g, task.ranks, steps, across);
    for (std::int64_t tile = 0; tile < rankTiles; ++tile) {
        for (std::int64_t column = begin; column < end; column += 32) {
            const auto columns = least(32, end - column);
            zeroTile<0>();
            zeroTile<1>();
            for (std::int64_t step = 0; step < steps; ++step) {
                packTokens(task.tokens - step * 32, task.x.data + step * 32 * task.x.stride + column, task.x.stride, columns, right);
                loadTile<4>(across + (tile * steps + step) * kTileValues, 64);
                loadTile<6>(right, 64);
                loadTile<7>(right + kTileValues, 64);
                multiplyTiles<0, 4, 6>();
                multiplyTiles<1, 4, 7>();
            }
            storeTile<0>(sums, 128);
            storeTile<1>(sums + 16, 128);
            for (std::int64_t r = 0; r < least(16, task.ranks - tile * 16); ++r)
                for (std::int64_t i = 0; i < columns; ++i)
                    task.c[(tile * 16 + r) * task.strideRank + (column + i) * task.strideColumn] += task.scale * sums[r * 32 + i];
        }
    }
}

std::int64_t amxScratchBytes(const AmxGradient& task)
{
    return 2048 + 4 * kTileValues + (task.tokens + 31) / 32 * ((task.ranks + 15) / 16) * kTileValues * 2;
}

}

#endif
