// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/idle_threads.h"

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include <dlfcn.h>

namespace attune::model {

namespace {

using Clock = std::chrono::steady_clock;

/// Straight to libgomp: at::set_num_threads would change the number for all threads.
using Parallel = void (*)(void (*function)(void*), void* data, unsigned threads, unsigned flags);

Parallel gompParallel()
{
    void* library = ::dlopen("libgomp.so.1", RTLD_LAZY | RTLD_NOLOAD);
    return library ? reinterpret_cast<Parallel>(::dlsym(library, "GOMP_parallel")) : nullptr;
}

/// The team whose being there keeps the others from spinning.
class SleepingTeam
{
public:
    explicit SleepingTeam(Parallel parallel)
        : m_thread([this, parallel] { hold(parallel); })
    {
    }
    ~SleepingTeam()
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_isOver = true;
        }
        m_wake.notify_one();
        m_thread.join();
    }

private:
    void hold(Parallel parallel)
    {
        parallel([](void*) {}, nullptr, std::thread::hardware_concurrency() + 1, 0);
        std::unique_lock lock(m_mutex);
        m_wake.wait(lock, [this] { return m_isOver; });
    }

    std::mutex m_mutex;
    std::condition_variable m_wake;
    bool m_isOver = false;
    std::thread m_thread;  // last: it uses the others
};

/// Seconds that this process's threads ran, and that they were ready to but waited for a processor. Time in which the process was stopped is neither.
struct Reading {
    double ran = 0, waited = 0;
};

/// From /proc/self/task/*/schedstat (nanoseconds; the kernel's Documentation/scheduler/sched-stats).
std::optional<Reading> readThreads()
{
    Reading reading;
    std::error_code error;
    // Step by step: a thread that ends meanwhile must not end a training step by an exception.
    for (std::filesystem::directory_iterator task("/proc/self/task", error), end; !error && task != end; task.increment(error)) {
        unsigned long long ran = 0, waited = 0;
        if (std::FILE* file = std::fopen((task->path() / "schedstat").c_str(), "r")) {
            if (std::fscanf(file, "%llu %llu", &ran, &waited) == 2) {
                reading.ran += 1e-9 * static_cast<double>(ran);
                reading.waited += 1e-9 * static_cast<double>(waited);
            }
            std::fclose(file);
        }
    }
    if (error || reading.ran <= 0)
        return std::nullopt;
    return reading;
}

std::mutex g_mutex;
std::optional<SleepingTeam>& team()
{
    static auto* held = new std::optional<SleepingTeam>;  // never destroyed: threads outlive what is static
    return *held;
}
Reading g_last;
Clock::time_point g_looked;

bool mayChoose()
{
    static const bool isFree = !std::getenv("OMP_WAIT_POLICY") && !std::getenv("GOMP_SPINCOUNT");
    return isFree;
}

void setSleeping(bool sleeps)
{
    if (sleeps == team().has_value())
        return;
    if (!sleeps)
        team().reset();
    else if (const auto parallel = gompParallel())
        team().emplace(parallel);
}

}

void letIdleThreadsSleep()
{
    const std::scoped_lock lock(g_mutex);
    if (mayChoose())
        setSleeping(true);
}

void adaptIdleThreads()
{
    constexpr auto kInterval = std::chrono::seconds(1);
    constexpr double kQuiet = 0.03, kBusy = 0.1;  // of the time that threads ran, waited for a processor; in between nothing changes
    const std::scoped_lock lock(g_mutex);
    const auto now = Clock::now();
    if (!mayChoose() || now - g_looked < kInterval)
        return;
    g_looked = now;
    const auto reading = readThreads();
    if (!reading)
        return;
    const double ran = reading->ran - g_last.ran, waited = reading->waited - g_last.waited;
    g_last = *reading;
    if (ran <= 0 || waited < 0)
        return;  // threads have ended since
    if (waited < kQuiet * ran || waited > kBusy * ran)
        setSleeping(waited > kBusy * ran);
}

bool doIdleThreadsSleep()
{
    const std::scoped_lock lock(g_mutex);
    return team().has_value();
}

}
