// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The few vector helpers of the files for tile units. For files that are compiled for AVX-512 with BF16: in an unnamed namespace,
// because others are not.
#if defined(__x86_64__)

// g++ 12 warns of its own headers (its bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

#include <cstdint>

namespace attune::model::kernels {
namespace {

// Nothing of the standard library that the linker could share with files for lesser processors.
inline std::int64_t least(std::int64_t a, std::int64_t b)
{
    return a < b ? a : b;
}

/// A mask of the first `count` of 32 lanes.
inline __mmask32 firstLanes(std::int64_t count)
{
    return count >= 32 ? ~0u : (1u << (count > 0 ? count : 0)) - 1;
}

/// 16 bfloat16 as float32.
inline __m512 widened(__m256i values)
{
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(values), 16));
}

/// 32 float32 as bfloat16.
inline __m512i rounded(__m512 first, __m512 second)
{
    return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(second, first));
}

/// One row of 32 sums goes to a result, after what is there already (addend; null: nothing) was added.
inline void writeRow(__m512 low, __m512 high, __mmask32 lanes, std::uint16_t* to, const std::uint16_t* addend)
{
    if (addend) {
        const __m512i before = _mm512_maskz_loadu_epi16(lanes, addend);
        low = _mm512_add_ps(low, widened(_mm512_castsi512_si256(before)));
        high = _mm512_add_ps(high, widened(_mm512_extracti64x4_epi64(before, 1)));
    }
    _mm512_mask_storeu_epi16(to, lanes, rounded(low, high));
}

inline void writeRow(__m512 low, __m512 high, __mmask32 lanes, float* to, const float* addend)
{
    const auto first = static_cast<__mmask16>(lanes), second = static_cast<__mmask16>(lanes >> 16);
    if (addend) {
        low = _mm512_add_ps(low, _mm512_maskz_loadu_ps(first, addend));
        high = _mm512_add_ps(high, _mm512_maskz_loadu_ps(second, addend + 16));
    }
    _mm512_mask_storeu_ps(to, first, low);
    _mm512_mask_storeu_ps(to + 16, second, high);
}

}
}

#endif
