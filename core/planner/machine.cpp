// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/plan.h"

#include "base/file.h"

#include <algorithm>
#include <charconv>
#include <limits>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace attune::planner {
namespace {

constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

/// The first number behind a label in a file of the kernel, or the file's only number; -1 without one.
std::int64_t kernelNumber(const std::string& path, std::string_view label)
{
    const auto text = readFile(path, 1 << 20);
    if (!text)
        return -1;
    auto at = label.empty() ? 0 : text->find(label);
    if (at == std::string::npos || (at = text->find_first_of("0123456789", at)) == std::string::npos)
        return -1;
    std::int64_t number = -1;
    std::from_chars(text->data() + at, text->data() + text->size(), number);
    return number;
}

/// What a container may still take (cgroup v2, then v1); unlimited outside one.
std::int64_t containerBytes()
{
    struct Place { const char* limit; const char* used; };
    for (const auto& [limit, used] : {Place {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"},
             Place {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"}}) {
        const std::int64_t most = kernelNumber(limit, {}), now = kernelNumber(used, {});
        if (most > 0 && now >= 0 && most < (1LL << 60)) {
            // Cached files count as used but are given back when asked for.
            const std::string stat = std::string(limit).substr(0, std::string(limit).rfind('/')) + "/memory.stat";
            return most - now + std::max<std::int64_t>(0, kernelNumber(stat, "inactive_file"));
        }
    }
    return kUnlimited;
}

}

std::int64_t availableMemoryBytes()
{
    constexpr std::int64_t kReserve = 256LL << 20;  // for the window, the shell and what starts meanwhile
    const std::int64_t machine = kernelNumber("/proc/meminfo", "MemAvailable:") * 1024;
    return std::max<std::int64_t>(0, std::min(machine, containerBytes()) - kReserve);
}

namespace {

/// Which units for bfloat16 the processor has and the operating system keeps.
struct Bfloat16Units { bool vectors = false, tiles = false; };

Bfloat16Units bfloat16Units()
{
    Bfloat16Units units;
#if defined(__x86_64__)
    // Intel SDM vol. 2, CPUID leaf 7: AVX512_BF16 is EAX bit 5 of sub-leaf 1, AMX-BF16 EDX bit 22 of sub-leaf 0.
    // XCR0 tells whether the operating system keeps those registers: bits 5-7 for AVX-512, 17-18 for tiles.
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
        return units;
    unsigned low = 0, high = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return units;
    units.tiles = (d & (1u << 22)) && (low & 0x60000u) == 0x60000u;
    const bool hasSubleaf = a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d);
    units.vectors = hasSubleaf && (a & (1u << 5)) && (low & 0xE6u) == 0xE6u;
#endif
    return units;
}

}

bool cpuHasBfloat16()
{
    const auto units = bfloat16Units();
    return units.vectors || units.tiles;
}

bool cpuHasTiles()
{
    const auto units = bfloat16Units();
    return units.vectors && units.tiles;
}

}
