// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/packing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <random>
#include <set>

namespace attune::tokenizer {
namespace {

using Lengths = std::vector<std::int32_t>;

/// Best-fit decreasing as its definition reads: longest first, into the fullest bin that has room.
std::size_t binsByDefinition(const Lengths& lengths, std::int64_t capacity)
{
    Lengths sorted = lengths;
    std::sort(sorted.rbegin(), sorted.rend());
    std::multiset<std::int64_t> rooms;
    std::size_t bins = 0;
    for (const auto length : sorted) {
        const auto found = rooms.lower_bound(length);
        if (length > capacity || found == rooms.end()) {
            ++bins;
            if (length < capacity)
                rooms.insert(capacity - length);
            continue;
        }
        const auto room = *found - length;
        rooms.erase(found);
        rooms.insert(room);
    }
    return bins;
}

using Bin = std::vector<std::int32_t>;

std::vector<Bin> listed(const Bins& bins)
{
    std::vector<Bin> list;
    for (std::size_t i = 0; i < bins.size(); ++i)
        list.emplace_back(bins[i].begin(), bins[i].end());
    return list;
}

Lengths randomLengths(std::size_t count, std::int32_t longest)
{
    std::mt19937 random(3);
    Lengths lengths(count);
    for (auto& length : lengths)
        length = 1 + static_cast<std::int32_t>(random() % static_cast<unsigned>(longest));
    return lengths;
}

}

TEST(PackBestFit, FillsTheFullestBinThatHasRoom)
{
    const auto bins = listed(packBestFit(Lengths {5, 7, 3, 5}, 10));

    EXPECT_EQ(bins, (std::vector<Bin> {{1, 2}, {0, 3}}));
}

TEST(PackBestFit, GivesAnOverlongRowItsOwnBin)
{
    EXPECT_EQ(listed(packBestFit(Lengths {3, 25, 4}, 10)), (std::vector<Bin> {{1}, {2, 0}}));
    EXPECT_TRUE(packBestFit(Lengths {}, 10).empty());
    EXPECT_EQ(listed(packBestFit(Lengths {3, 4}, std::int64_t(1) << 40)), (std::vector<Bin> {{1, 0}}));
}

TEST(PackBestFit, HoldsEveryRowOnceAndNeedsAsManyBinsAsTheDefinition)
{
    for (const std::int64_t capacity : {1, 63, 64, 65, 512, 4096}) {
        const auto lengths = randomLengths(3000, 700);
        const auto bins = listed(packBestFit(lengths, capacity));

        std::set<std::int64_t> seen;
        for (const auto& bin : bins) {
            std::int64_t sum = 0;
            for (const auto row : bin) {
                sum += lengths[static_cast<std::size_t>(row)];
                EXPECT_TRUE(seen.insert(row).second);
            }
            EXPECT_TRUE(sum <= capacity || bin.size() == 1);
        }
        EXPECT_EQ(seen.size(), lengths.size());
        EXPECT_EQ(bins.size(), binsByDefinition(lengths, capacity));
    }
}

TEST(PackBestFit, PacksAMillionRowsQuickly)
{
    const auto lengths = randomLengths(1'000'000, 2048);

    const auto begin = std::chrono::steady_clock::now();
    const auto bins = listed(packBestFit(lengths, 4096));

    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
    const auto total = std::accumulate(lengths.begin(), lengths.end(), std::int64_t(0));
    EXPECT_LT(static_cast<double>(bins.size()), 1.001 * static_cast<double>(total) / 4096 + 1);
}

TEST(PackNextFit, KeepsTheOrder)
{
    EXPECT_EQ(listed(packNextFit(Lengths {4, 4, 4, 20, 1}, 10)), (std::vector<Bin> {{0, 1}, {2}, {3}, {4}}));
}

}
