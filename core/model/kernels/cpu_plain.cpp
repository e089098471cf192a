// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled with the compiler's baseline (core/CMakeLists.txt).
#define ATTUNE_KERNELS_NAME "plain"
#define ATTUNE_KERNELS_FUNCTION cpuKernelsPlain
#define ATTUNE_VECTOR_FLOATS 4
#define ATTUNE_TILE_ROWS 4
#define ATTUNE_HAS_DPBF16 0
#include "model/kernels/cpu_kernels.inl"
