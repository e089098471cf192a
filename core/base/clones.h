// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// For functions of plain loops: g++ compiles them once per instruction set, and the program chooses at its start.
/// Not with sanitizers, whose runtime is not there yet when that choice is made.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define ATTUNE_CLONES __attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3")))
#else
#define ATTUNE_CLONES
#endif

/// Code that is written for AVX2 and asked for where the processor has it.
#if defined(__x86_64__) && defined(__GNUC__)
#define ATTUNE_HAS_AVX2_CODE 1
namespace attune {
inline bool cpuHasAvx2()
{
    static const bool has = __builtin_cpu_supports("avx2");
    return has;
}
}
#endif
