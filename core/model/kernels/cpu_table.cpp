// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/cpu_table.h"

#include "model/kernels/amx_tiles.h"

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <atomic>
#include <cstdlib>

namespace attune::model::kernels {

namespace {

std::vector<const CpuKernels*> usable()
{
    std::vector<const CpuKernels*> tables {&cpuKernelsPlain()};
#if defined(__x86_64__)
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return tables;
    tables.push_back(&cpuKernelsAvx2());
    if (!hasAvx512())
        return tables;
    tables.push_back(&cpuKernelsAvx512());
    if (__builtin_cpu_supports("avx512bf16"))
        tables.push_back(&cpuKernelsAvx512Bf16());
    if (hasAmx())
        tables.push_back(&cpuKernelsAmx());
#endif
    return tables;
}

/// ATTUNE_CPU_KERNELS: the name of a lesser table, to see what another processor would do.
std::string_view wantedKernels()
{
    const char* name = std::getenv("ATTUNE_CPU_KERNELS");
    return name ? name : "";
}

const CpuKernels* chosen(std::string_view name)
{
    for (const auto* table : usableCpuKernels()) {
        if (name == table->name)
            return table;
    }
    return usableCpuKernels().back();
}

std::atomic<const CpuKernels*>& current()
{
    static std::atomic<const CpuKernels*> table {chosen(wantedKernels())};
    return table;
}

}

bool hasAvx512()
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
    return false;
#endif
}

bool hasAmx()
{
#if defined(__x86_64__) && defined(__linux__)
    static const bool isThere = [] {
        if (const auto wanted = wantedKernels(); !wanted.empty() && wanted != "amx")
            return false;
        constexpr long kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
        return __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16") && __builtin_cpu_supports("avx512bf16")
            && syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
    }();
    return isThere;
#else
    return false;
#endif
}

bool hasPairs()
{
#if defined(__x86_64__)
    static const bool isWanted = wantedKernels().empty() || wantedKernels() == "amx" || wantedKernels() == "avx512bf16";
    static const bool isThere = isWanted && hasAvx512() && __builtin_cpu_supports("avx512bf16");
    return isThere;
#else
    return false;
#endif
}

const std::vector<const CpuKernels*>& usableCpuKernels()
{
    static const auto tables = usable();
    return tables;
}

const CpuKernels& cpuKernels()
{
    return *current();
}

void useCpuKernels(std::string_view name)
{
    current() = chosen(name);
}

}
