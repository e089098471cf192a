// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/energy.h"

#include "base/file.h"

#include <charconv>

#include <dlfcn.h>

namespace attune::trainer {
namespace {

constexpr double kMicroJoulesPerWattHour = 3.6e9;

std::optional<double> numberIn(const std::string& path)
{
    const auto text = readFile(path, 64);
    double number = 0;
    if (!text || std::from_chars(text->data(), text->data() + text->size(), number).ec != std::errc())
        return {};
    return number;
}

}

EnergyMeter::EnergyMeter(int card, const std::string& powercap)
{
    // Packages only (intel-rapl:0); their parts (intel-rapl:0:0) are counted in them. AMD's counters have the same names.
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(powercap, error)) {
        const std::string name = entry.path().filename().string();
        const auto label = readFile(entry.path().string() + "/name", 64);
        if (name.starts_with("intel-rapl:") && label && label->starts_with("package"))
            m_counters.push_back({entry.path().string() + "/energy_uj", numberIn(entry.path().string() + "/max_energy_range_uj").value_or(0)});
    }
    if (card >= 0)
        openCard(card);
    read();
}

EnergyMeter::~EnergyMeter()
{
    if (m_library)
        ::dlclose(m_library);
}

void EnergyMeter::openCard(int card)
{
    m_library = ::dlopen("libnvidia-ml.so.1", RTLD_LAZY | RTLD_LOCAL);
    if (!m_library)
        return;
    const auto start = reinterpret_cast<int (*)()>(::dlsym(m_library, "nvmlInit_v2"));
    const auto handle = reinterpret_cast<int (*)(unsigned, void**)>(::dlsym(m_library, "nvmlDeviceGetHandleByIndex_v2"));
    if (start && handle && start() == 0 && handle(static_cast<unsigned>(card), &m_card) == 0)
        m_counters.push_back({});
}

std::optional<double> EnergyMeter::valueOf(const Counter& counter) const
{
    if (!counter.path.empty())
        return numberIn(counter.path);
    // Millijoules since the driver was loaded; cards before Volta have no such counter.
    const auto energy = reinterpret_cast<int (*)(void*, unsigned long long*)>(::dlsym(m_library, "nvmlDeviceGetTotalEnergyConsumption"));
    unsigned long long millijoules = 0;
    return energy && energy(m_card, &millijoules) == 0 ? std::optional(1000.0 * static_cast<double>(millijoules)) : std::nullopt;
}

void EnergyMeter::read()
{
    for (auto& counter : m_counters) {
        const auto value = valueOf(counter);
        if (!value)
            continue;
        if (counter.last >= 0)
            counter.sum += *value >= counter.last ? *value - counter.last : *value + counter.range - counter.last;
        counter.last = *value;
    }
}

std::optional<double> EnergyMeter::wattHours() const
{
    double sum = 0;
    bool isKnown = false;
    for (const auto& counter : m_counters) {
        isKnown = isKnown || counter.last >= 0;
        sum += counter.sum;
    }
    return isKnown ? std::optional(sum / kMicroJoulesPerWattHour) : std::nullopt;
}

}
