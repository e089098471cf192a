// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled with AVX-512 F, BW, DQ and VL (core/CMakeLists.txt).
#if defined(__x86_64__)
#define ATTUNE_KERNELS_NAME "avx512"
#define ATTUNE_KERNELS_FUNCTION cpuKernelsAvx512
#define ATTUNE_VECTOR_FLOATS 16
#define ATTUNE_TILE_ROWS 8
#define ATTUNE_HAS_DPBF16 0
#include "model/kernels/cpu_kernels.inl"
#endif
