// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/kernels/amx_tiles.h"
#include "model/kernels/amx_vector.h"

// How 32 by 32 values of a matrix in memory come into the order of the tile units, as a left or a right side, straight or
// transposed; float32 as two planes of bfloat16, the rounded values and what rounding left. For files that are compiled
// for AVX-512 with BF16: in an unnamed namespace, because others are not.
#if defined(__x86_64__)

namespace attune::model::kernels {
namespace {

/// 32 values in bfloat16, and what rounding left of them.
struct Halves {
    __m512i high, low;
};

inline Halves load(const std::uint16_t* from, __mmask32 lanes)
{
    return {_mm512_maskz_loadu_epi16(lanes, from), _mm512_setzero_si512()};
}

inline Halves load(const float* from, __mmask32 lanes)
{
    const __m512 first = _mm512_maskz_loadu_ps(static_cast<__mmask16>(lanes), from), second = _mm512_maskz_loadu_ps(static_cast<__mmask16>(lanes >> 16), from + 16);
    const __m512i high = rounded(first, second);
    return {high, rounded(_mm512_sub_ps(first, widened(_mm512_castsi512_si256(high))), _mm512_sub_ps(second, widened(_mm512_extracti64x4_epi64(high, 1))))};
}

/// Two rows of 32 as pairs: lanes of 32 bits for columns 0 to 15, then 16 to 31.
inline void pairUp(__m512i first, __m512i second, __m512i& left, __m512i& right)
{
    // Unpacking works within 128 bits, so quarters that belong together are brought there.
    const __m512i order = _mm512_set_epi64(7, 3, 6, 2, 5, 1, 4, 0);
    const __m512i a = _mm512_permutexvar_epi64(order, first), b = _mm512_permutexvar_epi64(order, second);
    left = _mm512_unpacklo_epi16(a, b);
    right = _mm512_unpackhi_epi16(a, b);
}

/// A square of 16 by 16 lanes of 32 bits, in place.
inline void transpose(__m512i (&rows)[16])
{
    __m512i a[16], b[16];
    for (int i = 0; i < 16; i += 2) {
        a[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
        a[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        b[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]);
        b[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
        b[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]);
        b[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
    }
    for (int i = 0; i < 4; ++i) {
        a[i] = _mm512_shuffle_i32x4(b[i], b[i + 4], 0x88);
        a[i + 4] = _mm512_shuffle_i32x4(b[i], b[i + 4], 0xdd);
        a[i + 8] = _mm512_shuffle_i32x4(b[i + 8], b[i + 12], 0x88);
        a[i + 12] = _mm512_shuffle_i32x4(b[i + 8], b[i + 12], 0xdd);
    }
    for (int i = 0; i < 4; ++i) {
        rows[i] = _mm512_shuffle_i32x4(a[i], a[i + 8], 0x88);
        rows[i + 8] = _mm512_shuffle_i32x4(a[i], a[i + 8], 0xdd);
        rows[i + 4] = _mm512_shuffle_i32x4(a[i + 4], a[i + 12], 0x88);
        rows[i + 12] = _mm512_shuffle_i32x4(a[i + 4], a[i + 12], 0xdd);
    }
}

/// A part of a matrix in memory, 32 by 32 at most.
template<typename S>
struct Part {
    const S* from;
    std::int64_t stride, rows;
    __mmask32 columns;

    Halves row(std::int64_t r) const { return r < rows ? load(from + r * stride, columns) : Halves {_mm512_setzero_si512(), _mm512_setzero_si512()}; }
};

template<typename S>
constexpr bool kHasLow = sizeof(S) == 4;

inline void put(std::uint16_t* to, __m512i values)
{
    _mm512_storeu_si512(to, values);
}

/// Whether any bfloat16 is not zero, of either sign.
inline bool hasValues(__m512i halves)
{
    return _mm512_test_epi16_mask(halves, _mm512_set1_epi16(0x7fff)) != 0;
}

/// As it lies, row by row: a left side. What follows in each row is asked for early: 32 rows at a time are too many for the processor to
/// see by itself.
template<typename S>
void packRows(const Part<S>& part, std::uint16_t* to)
{
    constexpr std::int64_t kAhead = 128 / sizeof(S);
    for (std::int64_t r = 0; r < 32; ++r) {
        _mm_prefetch(reinterpret_cast<const char*>(part.from + r * part.stride + kAhead), _MM_HINT_T0);
        if constexpr (kHasLow<S>)
            _mm_prefetch(reinterpret_cast<const char*>(part.from + r * part.stride + kAhead + 16), _MM_HINT_T0);
        const auto halves = part.row(r);
        put(to + r * 32, halves.high);
        if constexpr (kHasLow<S>)
            put(to + 1024 + r * 32, halves.low);
    }
}

/// Pairs of rows side by side: a right side. Whether anything is left in the low plane: of weights that were stored in bfloat16
/// nothing is.
template<typename S>
bool packPairs(const Part<S>& part, std::uint16_t* to)
{
    __m512i rest = _mm512_setzero_si512();
    for (std::int64_t pair = 0; pair < 16; ++pair) {
        const auto first = part.row(2 * pair), second = part.row(2 * pair + 1);
        __m512i left, right;
        pairUp(first.high, second.high, left, right);
        put(to + pair * 32, left);
        put(to + kTileValues + pair * 32, right);
        if constexpr (kHasLow<S>) {
            rest = _mm512_or_si512(rest, _mm512_or_si512(first.low, second.low));
            pairUp(first.low, second.low, left, right);
            put(to + 1024 + pair * 32, left);
            put(to + 1024 + kTileValues + pair * 32, right);
        }
    }
    return hasValues(rest);
}

inline void putTransposed(__m512i (&rows)[16], std::uint16_t* to)
{
    transpose(rows);
    for (std::int64_t r = 0; r < 16; ++r)
        put(to + r * 32, rows[r]);
}

/// The transpose as a right side; the answer is that of packPairs().
template<typename S>
bool packPairsAcross(const Part<S>& part, std::uint16_t* to)
{
    __m512i rest = _mm512_setzero_si512();
    for (std::int64_t half = 0; half < 2; ++half, to += kTileValues) {
        __m512i high[16], low[16];
        for (std::int64_t r = 0; r < 16; ++r) {
            const auto halves = part.row(half * 16 + r);
            high[r] = halves.high;
            low[r] = halves.low;
            rest = _mm512_or_si512(rest, halves.low);
        }
        putTransposed(high, to);
        if constexpr (kHasLow<S>)
            putTransposed(low, to + 1024);
    }
    return hasValues(rest);
}

/// The transpose as a left side.
template<typename S>
void packRowsAcross(const Part<S>& part, std::uint16_t* to)
{
    __m512i left[16], right[16], lowLeft[16], lowRight[16];
    for (std::int64_t pair = 0; pair < 16; ++pair) {
        const auto first = part.row(2 * pair), second = part.row(2 * pair + 1);
        pairUp(first.high, second.high, left[pair], right[pair]);
        if constexpr (kHasLow<S>)
            pairUp(first.low, second.low, lowLeft[pair], lowRight[pair]);
    }
    putTransposed(left, to);
    putTransposed(right, to + kTileValues);
    if constexpr (kHasLow<S>) {
        putTransposed(lowLeft, to + 1024);
        putTransposed(lowRight, to + 1024 + kTileValues);
    }
}

}
}

#endif
