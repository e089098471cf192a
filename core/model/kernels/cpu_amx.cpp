// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled with AVX-512 with BF16 (core/CMakeLists.txt); attention's products run on tiles.
#if defined(__x86_64__)
#include "model/kernels/amx_tiles.h"
#define ATTUNE_KERNELS_NAME "amx"
#define ATTUNE_KERNELS_FUNCTION cpuKernelsAmx
#define ATTUNE_VECTOR_FLOATS 16
#define ATTUNE_TILE_ROWS 8
#define ATTUNE_HAS_DPBF16 1
#define ATTUNE_HAS_AMX 1
#include "model/kernels/cpu_kernels.inl"
#endif
