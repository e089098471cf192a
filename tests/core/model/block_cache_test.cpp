// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/block_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <random>
#include <thread>

namespace attune::model {
namespace {

constexpr std::size_t kMiB = 1 << 20;

TEST(BlockCache, GivesTheSameBlockToTheNextOfItsSize)
{
    BlockCache cache;
    void* first = cache.take(3 * kMiB);
    ASSERT_NE(first, nullptr);
    std::memset(first, 1, 3 * kMiB);
    EXPECT_EQ(cache.sizeOf(first), 3 * kMiB);
    EXPECT_TRUE(cache.give(first));
    EXPECT_EQ(cache.freeBytes(), 3 * kMiB);
    EXPECT_EQ(cache.take(3 * kMiB - 100), first);
    EXPECT_EQ(cache.liveBytes(), 3 * kMiB);
    EXPECT_EQ(cache.freeBytes(), 0u);
    cache.give(first);
    cache.release();
}

TEST(BlockCache, RoundsUpByAnEighthAtMost)
{
    std::mt19937_64 random(3);
    for (int i = 0; i < 1000; ++i) {
        const std::size_t bytes = BlockCache::kLeastBytes + random() % (1ull << 32);
        const std::size_t size = BlockCache::roundedUp(bytes);
        EXPECT_GE(size, bytes);
        EXPECT_LE(size, bytes + bytes / 8);
        EXPECT_EQ(BlockCache::roundedUp(size), size);
        EXPECT_EQ(size % 4096, 0u);
    }
    EXPECT_EQ(BlockCache::roundedUp(4 * kMiB), 4 * kMiB);
}

TEST(BlockCache, DoesNotGiveALargeBlockForASmallOne)
{
    BlockCache cache;
    void* large = cache.take(8 * kMiB);
    cache.give(large);
    void* small = cache.take(kMiB);
    EXPECT_NE(small, large);
    cache.give(small);
    cache.release();
}

TEST(BlockCache, KnowsItsOwnBlocksOnly)
{
    BlockCache cache;
    int other = 0;
    EXPECT_FALSE(cache.give(&other));
    EXPECT_EQ(cache.sizeOf(&other), 0u);
    void* block = cache.take(kMiB);
    EXPECT_TRUE(cache.give(block));
    EXPECT_FALSE(cache.give(block)) << "it is free";
    cache.release();
    EXPECT_EQ(cache.freeBytes(), 0u);
}

TEST(BlockCache, KeepsLittleMoreThanWasTakenAtOnce)
{
    BlockCache cache;
    std::size_t largest = 0;
    for (std::size_t i = 0; i < 400; ++i) {  // each size once: nothing fits again
        void* block = cache.take(16 * kMiB + i * 2 * kMiB);
        largest = cache.sizeOf(block);
        cache.give(block);
        EXPECT_LE(cache.freeBytes(), largest + largest / 32 + 8 * kMiB);
    }
}

TEST(BlockCache, GivesBackWhatNobodyNeedsAnyLonger)
{
    BlockCache cache;
    std::vector<void*> model;
    for (int i = 0; i < 40; ++i)
        model.push_back(cache.take(16 * kMiB));
    EXPECT_EQ(cache.liveBytes(), 640 * kMiB);
    for (void* weight : model)
        cache.give(weight);
    EXPECT_EQ(cache.liveBytes(), 0u);
    EXPECT_LE(cache.freeBytes(), 64 * kMiB);
    cache.release();
}

TEST(BlockCache, WritesOfThreadsDoNotMeet)
{
    BlockCache cache;
    std::atomic<int> wrong {0};
    const auto work = [&](unsigned seed) {
        std::mt19937 random(seed);
        std::vector<std::pair<unsigned char*, std::size_t>> held;
        for (int i = 0; i < 400; ++i) {
            if (held.size() < 6 && random() % 2) {
                const std::size_t bytes = BlockCache::kLeastBytes + random() % kMiB;
                auto* data = static_cast<unsigned char*>(cache.take(bytes));
                std::memset(data, static_cast<int>(seed), bytes);
                held.emplace_back(data, bytes);
            } else if (!held.empty()) {
                const auto [data, bytes] = held.back();
                wrong += data[0] != seed || data[bytes / 2] != seed || data[bytes - 1] != seed;
                cache.give(data);
                held.pop_back();
            }
        }
        for (const auto& [data, bytes] : held)
            cache.give(data);
    };
    std::thread a(work, 1), b(work, 2), c(work, 3);
    a.join(), b.join(), c.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(cache.liveBytes(), 0u);
    cache.release();
}

}
}
