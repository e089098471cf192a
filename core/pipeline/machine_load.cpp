// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/machine_load.h"

#include "base/file.h"

#include <array>
#include <sstream>

#include <dlfcn.h>

namespace attune::pipeline {

/// The few calls of NVML that are needed, by its documented C interface; its header comes with CUDA only.
struct LoadMeter::Nvml {
    using Device = void*;
    struct Utilization { unsigned gpu, memory; };
    struct Memory { unsigned long long total, free, used; };
    int (*deviceByIndex)(unsigned, Device*) = nullptr;
    int (*nameOf)(Device, char*, unsigned) = nullptr;
    int (*utilization)(Device, Utilization*) = nullptr;
    int (*memory)(Device, Memory*) = nullptr;
    int (*temperature)(Device, int, unsigned*) = nullptr;
    int (*power)(Device, unsigned*) = nullptr;
    int (*shutdown)() = nullptr;
    void* library = nullptr;
    Device device = nullptr;

    static std::unique_ptr<Nvml> open()
    {
        auto nvml = std::make_unique<Nvml>();
        nvml->library = ::dlopen("libnvidia-ml.so.1", RTLD_LAZY | RTLD_LOCAL);
        if (!nvml->library)
            return nullptr;
        int (*init)() = nullptr;
        const auto find = [&](auto& function, const char* name) { function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(nvml->library, name)); };
        find(init, "nvmlInit_v2");
        find(nvml->deviceByIndex, "nvmlDeviceGetHandleByIndex_v2");
        find(nvml->nameOf, "nvmlDeviceGetName");
        find(nvml->utilization, "nvmlDeviceGetUtilizationRates");
        find(nvml->memory, "nvmlDeviceGetMemoryInfo");
        find(nvml->temperature, "nvmlDeviceGetTemperature");
        find(nvml->power, "nvmlDeviceGetPowerUsage");
        find(nvml->shutdown, "nvmlShutdown");
        const bool isComplete = init && nvml->deviceByIndex && nvml->nameOf && nvml->utilization && nvml->memory && nvml->temperature && nvml->power && nvml->shutdown;
        if (!isComplete || init() != 0)
            return nullptr;
        if (nvml->deviceByIndex(0, &nvml->device) != 0)
            return nullptr;
        return nvml;
    }
    ~Nvml()
    {
        if (device)
            shutdown();
        if (library)
            ::dlclose(library);
    }
    GpuLoad sample() const
    {
        GpuLoad load;
        std::array<char, 96> name {};
        if (nameOf(device, name.data(), static_cast<unsigned>(name.size())) == 0)
            load.name = name.data();
        if (Utilization u {}; utilization(device, &u) == 0)
            load.percent = u.gpu;
        if (Memory m {}; memory(device, &m) == 0)
            load.usedBytes = static_cast<std::int64_t>(m.used), load.totalBytes = static_cast<std::int64_t>(m.total);
        if (unsigned value = 0; temperature(device, 0, &value) == 0)
            load.celsius = value;
        if (unsigned value = 0; power(device, &value) == 0)
            load.watts = value / 1000.0;
        return load;
    }
};

LoadMeter::LoadMeter()
    : m_nvml(Nvml::open())
{
    sample();  // the first share of the processor needs a place to start from
}

LoadMeter::~LoadMeter() = default;

MachineLoad LoadMeter::sample()
{
    MachineLoad load;
    if (const auto text = readFile("/proc/stat", 4096); text) {
        std::istringstream line(*text);
        std::string word;
        line >> word;
        std::uint64_t all = 0, idle = 0, value = 0;
        for (int i = 0; i < 8 && line >> value; ++i) {
            all += value;
            if (i == 3 || i == 4)
                idle += value;
        }
        const std::uint64_t busy = all - idle;
        if (m_all > 0 && all > m_all)
            load.cpuPercent = 100.0 * static_cast<double>(busy - m_busy) / static_cast<double>(all - m_all);
        m_all = all, m_busy = busy;
    }
    if (const auto text = readFile("/proc/meminfo", 8192); text) {
        std::istringstream lines(*text);
        std::string name, rest;
        std::int64_t kib = 0, available = 0;
        while (lines >> name >> kib && std::getline(lines, rest)) {
            if (name == "MemTotal:")
                load.ramTotalBytes = kib * 1024;
            else if (name == "MemAvailable:")
                available = kib * 1024;
        }
        load.ramUsedBytes = load.ramTotalBytes - available;
    }
    if (m_nvml)
        load.gpu = m_nvml->sample();
    return load;
}

}
