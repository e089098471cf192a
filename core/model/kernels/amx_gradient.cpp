// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/amx_product.h"

#include "model/kernels/amx_tiles.h"
#include "model/kernels/amx_vector.h"
#include "model/kernels/vector_panel.h"

#if defined(__x86_64__)

namespace attune::model::kernels {

namespace {

// Tokens of a turn: their part of g in tiles and one column of blocks of x stay in the first-level cache, and
// the next blocks of the same rows are a line further on.
constexpr std::int64_t kTurnTokens = 256, kTurnSteps = kTurnTokens / 32;
constexpr std::int64_t kRightTiles = 2 * kTurnSteps;  // of x side by side; on tile units four of them

/// gᵀ of some tokens in tiles: for each 16 ranks and 32 tokens one tile; zero behind the ends.
void packAcross(std::int64_t begin, std::int64_t end, AmxRows g, std::int64_t ranks, std::uint16_t* to)
{
    const __m512i rowStarts = _mm512_mullo_epi32(_mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), _mm512_set1_epi32(16));
    for (std::int64_t rank = 0; rank < ranks; rank += 16, to += kTurnSteps * kTileValues) {
        const auto lanes = static_cast<__mmask16>(ranks - rank >= 16 ? 0xffff : (1u << (ranks - rank)) - 1);
        const auto row = [&](std::int64_t t) {
            return t < end ? _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(lanes, static_cast<const std::uint16_t*>(g.data) + t * g.stride + rank)) : _mm512_setzero_si512();
        };
        // Two tokens make a lane of 32 bits of every row of a tile.
        for (std::int64_t t = 0; t < (end - begin + 31) / 32 * 32; t += 2)
            _mm512_i32scatter_epi32(to + t / 32 * kTileValues + t % 32, rowStarts, _mm512_or_si512(row(begin + t), _mm512_slli_epi32(row(begin + t + 1), 16)), 4);
    }
}

/// 32 tokens × 32 columns of x as two right-hand tiles, pairs of tokens side by side, the columns in the order that
/// unpacking gives: columnOf().
inline void packTokens(std::int64_t tokens, const std::uint16_t* x, std::int64_t stride, __mmask32 columns, std::uint16_t* to)
{
    for (std::int64_t pair = 0; pair < 16; ++pair) {
        const auto row = [&](std::int64_t t) { return t < tokens ? _mm512_maskz_loadu_epi16(columns, x + t * stride) : _mm512_setzero_si512(); };
        const __m512i first = row(2 * pair), second = row(2 * pair + 1);
        _mm512_storeu_si512(to + pair * 32, _mm512_unpacklo_epi16(first, second));
        _mm512_storeu_si512(to + kTileValues + pair * 32, _mm512_unpackhi_epi16(first, second));
    }
}

/// Which of the 32 columns stands at a place of the two tiles: each 128 bits give four to either.
inline std::int64_t columnOf(std::int64_t place)
{
    const std::int64_t tile = place / 16, i = place % 16;
    return i / 4 * 8 + tile * 4 + i % 4;
}

/// Where 32 columns of a token's row of x begin.
const std::uint16_t* columnsOf(const AmxRows& x, std::int64_t token, std::int64_t column)
{
    return static_cast<const std::uint16_t*>(x.data) + (x.blocks ? (token / 32 * x.blocks + column / 32) * 1024 + token % 32 * 32 : token * x.stride + column);
}

/// What multiplyTurn() does, without tile units: all of the turn's tokens are put side by side first.
void multiplyTurnOnVectors(std::int64_t begin, std::int64_t end, std::int64_t column, __mmask32 columns, const AmxGradient& task, const std::uint16_t* across, std::uint16_t* right, float* sums)
{
    const auto stride = task.x.blocks ? 32 : task.x.stride;
    const auto steps = (end - begin + 31) / 32;
    for (std::int64_t step = 0; step < steps; ++step)
        packTokens(end - begin - step * 32, columnsOf(task.x, begin + step * 32, column), stride, columns, right + step * 2 * kTileValues);
    for (std::int64_t row = 0; row < 16; row += 8)
        multiplyRows<8>(across + row * 32, 32, kTileValues, right, 2 * kTileValues, steps, sums + row * 32, true);
}

/// One or two tiles of 16 ranks against 32 columns of x, over the tokens of a turn; sums [ranks][32] float32.
template<bool kTwoTiles>
void multiplyTurn(std::int64_t begin, std::int64_t end, std::int64_t column, __mmask32 columns, const AmxGradient& task, const std::uint16_t* across, std::uint16_t* right, float* sums)
{
    loadTile<0>(sums, 128);
    loadTile<1>(sums + 16, 128);
    if constexpr (kTwoTiles) {
        loadTile<2>(sums + 512, 128);
        loadTile<3>(sums + 512 + 16, 128);
    }
    for (std::int64_t t = begin, step = 0; t < end; t += 32, ++step) {
        const auto stride = task.x.blocks ? 32 : task.x.stride;
        const auto* x = columnsOf(task.x, t, column);
        const auto* next = task.x.blocks ? x + 1024 : x + 32;
        for (std::int64_t r = 0; r < least(32, end - t); ++r)
            _mm_prefetch(reinterpret_cast<const char*>(next + r * stride), _MM_HINT_T0);
        auto* to = right + step % 2 * 2 * kTileValues;
        packTokens(end - t, x, stride, columns, to);
        loadTile<6>(to, 64);
        loadTile<7>(to + kTileValues, 64);
        loadTile<4>(across + step * kTileValues, 64);
        multiplyTiles<0, 4, 6>();
        multiplyTiles<1, 4, 7>();
        if constexpr (kTwoTiles) {
            loadTile<5>(across + (kTurnSteps + step) * kTileValues, 64);
            multiplyTiles<2, 5, 6>();
            multiplyTiles<3, 5, 7>();
        }
    }
    storeTile<0>(sums, 128);
    storeTile<1>(sums + 16, 128);
    if constexpr (kTwoTiles) {
        storeTile<2>(sums + 512, 128);
        storeTile<3>(sums + 512 + 16, 128);
    }
}

void addSums(std::int64_t begin, std::int64_t end, const AmxGradient& task, const float* sums)
{
    const std::int64_t tiles = (task.ranks + 15) / 16;
    const __m512 scale = _mm512_set1_ps(task.scale);
    for (std::int64_t column = begin; column < end; column += 32, sums += tiles * 512) {
        for (std::int64_t place = 0; place < 32; ++place) {
            const auto k = column + columnOf(place);
            for (std::int64_t r = 0; r < task.ranks && k < end && task.strideColumn != 1; ++r)
                task.c[r * task.strideRank + k * task.strideColumn] += task.scale * sums[r * 32 + place];
        }
        for (std::int64_t r = 0; r < task.ranks && task.strideColumn == 1; ++r) {
            const __m512 low = _mm512_loadu_ps(sums + r * 32), high = _mm512_loadu_ps(sums + r * 32 + 16);
            // Fours of either tile by turns are the columns in order.
            const __m512i first = _mm512_set_epi32(23, 22, 21, 20, 7, 6, 5, 4, 19, 18, 17, 16, 3, 2, 1, 0), second = _mm512_add_epi32(first, _mm512_set1_epi32(8));
            for (std::int64_t half = 0; half < 2; ++half) {
                const std::int64_t left = end - column - half * 16;
                const auto lanes = static_cast<__mmask16>(left >= 16 ? 0xffff : left > 0 ? (1u << left) - 1 : 0);
                float* to = task.c + r * task.strideRank + column + half * 16;
                const __m512 sum = _mm512_permutex2var_ps(low, half == 0 ? first : second, high);
                _mm512_mask_storeu_ps(to, lanes, _mm512_fmadd_ps(sum, scale, _mm512_maskz_loadu_ps(lanes, to)));
            }
        }
    }
}

}

void amxGradient(std::int64_t begin, std::int64_t end, const AmxGradient& task, void* scratch)
{
    const TileState state;
    const bool isOnTiles = hasAmx();
    const std::int64_t tiles = (task.ranks + 15) / 16, panels = (end - begin + 31) / 32;
    auto* sums = static_cast<float*>(scratch);  // [panels][tiles][16][32]
    auto* right = reinterpret_cast<std::uint16_t*>(sums + panels * tiles * 512);
    auto* across = right + kRightTiles * kTileValues;
    __builtin_memset(sums, 0, static_cast<std::size_t>(panels * tiles * 512) * 4);
    for (std::int64_t first = 0; first < task.tokens; first += kTurnTokens) {
        const auto last = least(task.tokens, first + kTurnTokens);
        packAcross(first, last, task.g, task.ranks, across);
        for (std::int64_t panel = 0; panel < panels; ++panel) {
            const auto column = begin + panel * 32;
            const __mmask32 columns = end - column >= 32 ? ~0u : (1u << (end - column)) - 1;
            for (std::int64_t tile = 0; tile < tiles && !isOnTiles; ++tile)
                multiplyTurnOnVectors(first, last, column, columns, task, across + tile * kTurnSteps * kTileValues, right, sums + (panel * tiles + tile) * 512);
            for (std::int64_t tile = 0; tile < tiles && isOnTiles; tile += 2) {
                const auto multiply = tile + 1 < tiles ? multiplyTurn<true> : multiplyTurn<false>;
                multiply(first, last, column, columns, task, across + tile * kTurnSteps * kTileValues, right, sums + (panel * tiles + tile) * 512);
            }
        }
    }
    addSums(begin, end, task, sums);
}

std::int64_t amxScratchBytes(const AmxGradient& task, std::int64_t columns)
{
    const std::int64_t tiles = (task.ranks + 15) / 16;
    return (columns + 31) / 32 * tiles * 2048 + (kRightTiles + tiles * kTurnSteps) * kTileValues * 2;
}

}

#endif
