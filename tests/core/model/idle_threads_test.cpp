// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/idle_threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

namespace attune::tests {
namespace {

using namespace std::chrono_literals;

/// Keeps so many threads at work for a while.
void work(unsigned threads, std::chrono::milliseconds time)
{
    std::atomic<bool> isOver = false;
    std::vector<std::thread> pool;
    for (unsigned i = 0; i < threads; ++i)
        pool.emplace_back([&] {
            while (!isOver) {
            }
        });
    std::this_thread::sleep_for(time);
    // Looked at while they are there: what has ended is counted no more.
    model::adaptIdleThreads();
    isOver = true;
    for (auto& thread : pool)
        thread.join();
}

TEST(IdleThreads, SleepWhereProcessorsAreWantedAndSpinWhereTheyAreNot)
{
    if (std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT"))
        GTEST_SKIP() << "the environment says what they do";
    model::letIdleThreadsSleep();
    if (!model::doIdleThreadsSleep())
        GTEST_SKIP() << "OpenMP is another one than libgomp";
    const auto processors = std::max(1u, std::thread::hardware_concurrency());
    for (int turn = 0; turn < 4 && model::doIdleThreadsSleep(); ++turn)
        work(1, 1100ms);
    if (model::doIdleThreadsSleep())
        GTEST_SKIP() << "other programs keep this machine busy";
    for (int turn = 0; turn < 3 && !model::doIdleThreadsSleep(); ++turn)
        work(4 * processors, 1100ms);
    EXPECT_TRUE(model::doIdleThreadsSleep());
}

}
}
