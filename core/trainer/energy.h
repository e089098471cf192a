// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace attune::trainer {

/// What the processor and the card use, by their own counters: RAPL (Linux's powercap, readable by everyone on some systems
/// only) and NVML's total energy. Counters of the whole package and card: what other programs use meanwhile is in them.
/// Training thread only.
class EnergyMeter
{
public:
    /// card: index of the NVIDIA card in use, or -1. powercap: the kernel's folder; another one in tests.
    explicit EnergyMeter(int card = -1, const std::string& powercap = "/sys/class/powercap");
    ~EnergyMeter();
    EnergyMeter(const EnergyMeter&) = delete;
    EnergyMeter& operator=(const EnergyMeter&) = delete;

    /// Reads the counters. They wrap around within minutes to hours: call it every minute or more often.
    void read();
    /// Watt-hours since the first read; nothing where no counter can be read.
    std::optional<double> wattHours() const;

private:
    struct Counter {
        std::string path;          ///< energy_uj of a package; empty: the card
        double range = 0;          ///< where it wraps, µJ
        double last = -1, sum = 0; ///< µJ
    };
    std::optional<double> valueOf(const Counter& counter) const;
    void openCard(int card);

    std::vector<Counter> m_counters;
    void* m_library = nullptr;  ///< libnvidia-ml.so.1
    void* m_card = nullptr;
};

}
