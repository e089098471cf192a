// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/threads.h"

#include "base/file.h"
#include "planner/plan.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include <sched.h>
#include <unistd.h>

namespace attune::engine {

int physicalCores()
{
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return 1;
    std::set<std::string> cores;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (!CPU_ISSET(cpu, &allowed))
            continue;
        const auto siblings = readFile(fmt::format("/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", cpu), 4096);
        cores.insert(siblings ? *siblings : std::to_string(cpu));
    }
    return std::max(1, static_cast<int>(cores.size()));
}

void useThreads(int threads, int processes)
{
    at::set_num_threads(threads > 0 ? threads : std::max(1, physicalCores() / std::max(1, processes)));
}

pipeline::DeviceInfo describeCpu()
{
    pipeline::DeviceInfo info;
    info.id = "cpu";
    info.name = "CPU";
    if (const auto text = readFile("/proc/cpuinfo", 1 << 24)) {
        if (const auto at = text->find("model name"); at != std::string::npos) {
            const auto begin = text->find(": ", at) + 2;
            info.name = text->substr(begin, text->find('\n', begin) - begin);
        }
    }
    info.totalBytes = static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
    info.freeBytes = planner::availableMemoryBytes();
    info.hasBfloat16 = planner::cpuHasBfloat16();
    return info;
}

}
