// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled with AVX2 and FMA (core/CMakeLists.txt).
#if defined(__x86_64__)
#define ATTUNE_KERNELS_NAME "avx2"
#define ATTUNE_KERNELS_FUNCTION cpuKernelsAvx2
#define ATTUNE_VECTOR_FLOATS 8
#define ATTUNE_TILE_ROWS 4
#define ATTUNE_HAS_DPBF16 0
#include "model/kernels/cpu_kernels.inl"
#endif
