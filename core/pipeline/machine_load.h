// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace attune::pipeline {

/// What the first NVIDIA GPU does now.
struct GpuLoad {
    std::string name;
    double percent = 0, celsius = 0, watts = 0;
    std::int64_t usedBytes = 0, totalBytes = 0;
};

/// What the computer does now, all programs together.
struct MachineLoad {
    double cpuPercent = 0;  ///< of all cores, since the sample before
    std::int64_t ramUsedBytes = 0, ramTotalBytes = 0;
    std::optional<GpuLoad> gpu;  ///< nothing without a driver
};

/// Samples the load from /proc and, where the driver's libnvidia-ml is, from the GPU. A sample takes well under a
/// millisecond without a GPU, a few with one. One thread at a time.
class LoadMeter
{
public:
    LoadMeter();
    ~LoadMeter();
    MachineLoad sample();

private:
    struct Nvml;
    std::unique_ptr<Nvml> m_nvml;  ///< null without a driver
    std::uint64_t m_all = 0, m_busy = 0;
};

}
