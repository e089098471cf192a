// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/memory.h"

#include <c10/core/CachingDeviceAllocator.h>

#include <cstdio>
#include <cstring>

namespace attune::trainer {
namespace {

constexpr std::int64_t kCudaContextBytes = 300ll << 20;  // driver context and kernels of a process, about

/// A line "VmRSS:   1234 kB" of /proc/self/status.
MemoryReading processMemory()
{
    MemoryReading reading;
    std::FILE* file = std::fopen("/proc/self/status", "r");
    if (!file)
        return reading;
    char line[256];
    long long kilobytes = 0;
    while (std::fgets(line, sizeof line, file)) {
        if (std::sscanf(line, "VmRSS: %lld kB", &kilobytes) == 1)
            reading.now = kilobytes << 10;
        else if (std::sscanf(line, "VmHWM: %lld kB", &kilobytes) == 1)
            reading.peak = kilobytes << 10;
    }
    std::fclose(file);
    return reading;
}

}

MemoryReading readMemory(const at::Device& device)
{
    if (device.is_cpu())
        return processMemory();
    const auto stats = c10::getDeviceAllocator(device.type())->getDeviceStats(device.index() < 0 ? c10::DeviceIndex(0) : device.index());
    const auto& reserved = stats.reserved_bytes[static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE)];
    return {reserved.current + kCudaContextBytes, reserved.peak + kCudaContextBytes};
}

void resetPeakMemory(const at::Device& device)
{
    if (device.is_cpu()) {
        // proc(5): writing 5 resets VmHWM to what is resident now.
        if (std::FILE* file = std::fopen("/proc/self/clear_refs", "w")) {
            std::fputs("5", file);
            std::fclose(file);
        }
        return;
    }
    c10::getDeviceAllocator(device.type())->resetPeakStats(device.index() < 0 ? c10::DeviceIndex(0) : device.index());
}

}
