// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/random.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace attune {

TEST(SplitMix64, GivesTheReferenceSequence)
{
    // Seed 1234567, from the public test vectors of the algorithm.
    SplitMix64 random(1234567);

    EXPECT_EQ(random.next(), 6457827717110365317u);
    EXPECT_EQ(random.next(), 3203168211198807973u);
    EXPECT_EQ(random.next(), 9817491932198370423u);
}

TEST(SplitMix64, StaysBelowItsBoundAndReachesEveryValue)
{
    SplitMix64 random(7);
    std::vector<int> seen(5, 0);
    for (int i = 0; i < 1000; ++i)
        ++seen.at(random.below(5));

    for (const int count : seen)
        EXPECT_GT(count, 140);
}

TEST(Permutation, HoldsEachIndexOnceAndFollowsItsSeed)
{
    auto order = permutation(100, 3);

    EXPECT_EQ(order, permutation(100, 3));
    EXPECT_NE(order, permutation(100, 4));
    std::sort(order.begin(), order.end());
    for (std::int64_t i = 0; i < 100; ++i)
        EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

}
