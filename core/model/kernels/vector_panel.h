// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/kernels/amx_vector.h"

// The innermost loop of products in the order of tiles on processors without tile units: the pairs of bfloat16 that a tile multiplies
// are what VDPBF16PS multiplies. For files that are compiled for AVX-512 with BF16: in an unnamed namespace, because others are not.
#if defined(__x86_64__)

namespace attune::model::kernels {
namespace {

/// A pair of values in all lanes.
inline __m512bh pairOf(const std::uint16_t* from)
{
    std::int32_t pair;
    __builtin_memcpy(&pair, from, 4);
    return reinterpret_cast<__m512bh>(_mm512_set1_epi32(pair));
}

inline __m512bh pairsOf(const std::uint16_t* from)
{
    return reinterpret_cast<__m512bh>(_mm512_loadu_si512(from));
}

/// Sums [kRows, 32] float32, 32 apart, += left · right for `blocks` blocks of 32: a row of left is 32 values that lie rowStep apart from
/// row to row and leftStep from block to block, a block of right two tiles of 16 pairs of rows by 16 columns, rightStep apart. That many sums stay in
/// registers; more of them would leave none for what is multiplied.
template<int kRows>
inline void multiplyRows(const std::uint16_t* left, std::int64_t rowStep, std::int64_t leftStep, const std::uint16_t* right, std::int64_t rightStep, std::int64_t blocks, float* sums, bool adds)
{
    constexpr std::int64_t kTile = 512;
    __m512 sum[kRows][2];
    for (int r = 0; r < kRows; ++r) {
        sum[r][0] = adds ? _mm512_loadu_ps(sums + r * 32) : _mm512_setzero_ps();
        sum[r][1] = adds ? _mm512_loadu_ps(sums + r * 32 + 16) : _mm512_setzero_ps();
    }
    for (std::int64_t k = 0; k < blocks; ++k, left += leftStep, right += rightStep) {
        for (std::int64_t pair = 0; pair < 32; pair += 2) {
            const __m512bh first = pairsOf(right + pair * 16), second = pairsOf(right + kTile + pair * 16);
#pragma GCC unroll 16
            for (int r = 0; r < kRows; ++r) {
                const __m512bh value = pairOf(left + r * rowStep + pair);
                sum[r][0] = _mm512_dpbf16_ps(sum[r][0], value, first);
                sum[r][1] = _mm512_dpbf16_ps(sum[r][1], value, second);
            }
        }
    }
    for (int r = 0; r < kRows; ++r) {
        _mm512_storeu_ps(sums + r * 32, sum[r][0]);
        _mm512_storeu_ps(sums + r * 32 + 16, sum[r][1]);
    }
}

}
}

#endif
