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

}
}

#endif
