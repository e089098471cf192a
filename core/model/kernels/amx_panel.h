// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/kernels/amx_tiles.h"
#include "model/kernels/amx_vector.h"
#include "model/kernels/vector_panel.h"

// The innermost loops of products on tile units, and how they keep pace with what memory and a shared core give. For files that are compiled for AVX-512 with
// BF16: in an unnamed namespace, because others are not.
#if defined(__x86_64__)

namespace attune::model::kernels {
namespace {

/// What a core asks its second-level cache to bring while it multiplies: `lines` cache lines per block, of what comes next.
struct Ahead {
    const std::uint16_t* next = nullptr;
    std::int64_t lines = 0;

    void bring()
    {
        for (std::int64_t line = 0; line < lines; ++line, next += 32)
            _mm_prefetch(reinterpret_cast<const char*>(next), _MM_HINT_T1);
    }
};

/// Two ways to read the left side, with the same results: straight from the second-level cache, the faster one by a quarter on
/// a core of one's own; or asked for early, the faster one by a quarter while the core's other hardware thread is busy, which on
/// a shared machine changes within seconds. Keeps the time of both for each kind of product, and tries the lesser one now and then.
struct Pace {
    struct Kind { float ticks[2]; unsigned turns; };

    bool isEarly(std::int64_t pieces)
    {
        kind = kinds + (pieces < 4 ? pieces : 4) - 1;
        const bool best = kind->ticks[1] < kind->ticks[0];
        chosen = ++kind->turns % kTrial == 0 ? !best : best;
        begin = __rdtsc();
        return chosen;
    }
    void ended(std::int64_t blocks)
    {
        float& known = kind->ticks[chosen];
        const float now = static_cast<float>(__rdtsc() - begin) / static_cast<float>(blocks);
        // What was interrupted says little: twice the known time at most.
        known = known == 0 || now < known ? now : known + 0.25f * (now < 2 * known ? now - known : known);
    }

    static constexpr unsigned kTrial = 32;
    Kind kinds[4] = {};
    Kind* kind = kinds;
    unsigned long long begin = 0;
    bool chosen = false;
};

/// Asks for 8 lines of the left side, two blocks before they are multiplied.
template<bool kIsEarly>
inline void bringEarly(const std::uint16_t* left, std::int64_t first)
{
    if constexpr (kIsEarly) {
        for (std::int64_t line = first; line < first + 8; ++line)
            _mm_prefetch(reinterpret_cast<const char*>(left + 2048 + line * 32), _MM_HINT_T0);
    }
}

/// The same on pairs of bfloat16: eight rows at a time, the panel's piece in the first-level cache for all of them.
inline void multiplyPanelOnVectors(const std::uint16_t* left, const std::uint16_t* panel, std::int64_t blocks, float* sums, bool adds, Ahead& ahead)
{
    for (std::int64_t row = 0; row < 32; row += 8) {
        multiplyRows<8>(left + row * 32, 32, 1024, panel, 1024, blocks, sums + row * 32, adds);
        for (auto block = blocks * row / 32; block < blocks * (row + 8) / 32; ++block)
            ahead.bring();
    }
}

/// 32 × 32 of the result into sums. The panel stays in the first-level cache from slice to slice; the left side passes by it,
/// read with a hint that leaves the panel there.
template<bool kIsEarly>
inline void multiplyPanel(const std::uint16_t* left, const std::uint16_t* panel, std::int64_t blocks, float* sums, bool adds, Ahead& ahead)
{
    if (!hasAmx())
        return multiplyPanelOnVectors(left, panel, blocks, sums, adds, ahead);
    beginSums(sums, adds);
    for (std::int64_t k = 0; k < blocks; ++k, left += 1024, panel += 1024) {
        passTile<4>(left, 64);
        loadTile<6>(panel, 64);
        loadTile<7>(panel + kTileValues, 64);
        passTile<5>(left + kTileValues, 64);
        multiplyTiles<0, 4, 6>();
        bringEarly<kIsEarly>(left, 0);
        multiplyTiles<1, 4, 7>();
        bringEarly<kIsEarly>(left, 8);
        ahead.bring();
        multiplyTiles<2, 5, 6>();
        bringEarly<kIsEarly>(left, 16);
        multiplyTiles<3, 5, 7>();
        bringEarly<kIsEarly>(left, 24);
    }
    storeSums(sums);
}

inline void multiplyAll()
{
    multiplyTiles<0, 4, 6>();
    multiplyTiles<1, 4, 7>();
    multiplyTiles<2, 5, 6>();
    multiplyTiles<3, 5, 7>();
}

/// The same of two planes a side, high and low halves: high · high + low · high, and high · low where the panel's block has a low
/// plane. Blocks of 2048 values; kIsDense: of 1024 in the panel where there is no low plane. kIsEarly: the left side goes through the first-level cache, too, which is the faster way on a core
/// that is shared.
template<bool kIsEarly, bool kIsDense>
inline void multiplySplitPanel(const std::uint16_t* left, const std::uint16_t* panel, const std::uint8_t* hasLow, std::int64_t blocks, float* sums, bool adds, Ahead& ahead)
{
    constexpr std::int64_t kLow = 1024;
    const auto leftTiles = [](const std::uint16_t* from) {
        if constexpr (kIsEarly) {
            loadTile<4>(from, 64);
            loadTile<5>(from + kTileValues, 64);
        } else {
            passTile<4>(from, 64);
            passTile<5>(from + kTileValues, 64);
        }
    };
    const auto rightTiles = [](const std::uint16_t* from) {
        loadTile<6>(from, 64);
        loadTile<7>(from + kTileValues, 64);
    };
    beginSums(sums, adds);
    for (std::int64_t k = 0; k < blocks; left += 2 * kLow, panel += kIsDense && !hasLow[k] ? kLow : 2 * kLow, ++k) {
        leftTiles(left);
        if (hasLow[k]) {
            rightTiles(panel + kLow);
            multiplyAll();
        }
        rightTiles(panel);
        multiplyAll();
        ahead.bring();
        leftTiles(left + kLow);
        multiplyAll();
    }
    storeSums(sums);
}

}
}

#endif
