// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace attune::planner {
namespace {

std::vector<std::int64_t> rowsFrom(std::int64_t first, std::int64_t count)
{
    std::vector<std::int64_t> rows(static_cast<std::size_t>(count));
    std::iota(rows.begin(), rows.end(), first);
    return rows;
}

std::vector<std::int64_t> epochRows(Sampler& sampler, std::int64_t epoch)
{
    std::vector<std::int64_t> rows;
    for (std::int64_t i = 0; i < sampler.microBatches(); ++i)
        for (const auto row : sampler.microBatch(epoch, i))
            rows.push_back(row);
    return rows;
}

const std::vector<std::int32_t> kLengths {5, 3, 8, 2, 7, 4, 6, 1, 9, 5};

}

TEST(Sampler, GivesEachRowOnceAnEpoch)
{
    for (const bool isPacked : {true, false}) {
        Sampler sampler(rowsFrom(20, 10), kLengths, {isPacked, true, 2, 9}, 7);
        for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
            auto rows = epochRows(sampler, epoch);
            std::sort(rows.begin(), rows.end());
            EXPECT_EQ(rows, rowsFrom(20, 10));
        }
    }
}

TEST(Sampler, ShufflesEachEpochAnewAndTheSameForASeed)
{
    for (const bool isPacked : {true, false}) {
        Sampler one(rowsFrom(0, 10), kLengths, {isPacked, true, 2, 9}, 7);
        Sampler same(rowsFrom(0, 10), kLengths, {isPacked, true, 2, 9}, 7);
        Sampler other(rowsFrom(0, 10), kLengths, {isPacked, true, 2, 9}, 8);

        EXPECT_NE(epochRows(one, 0), epochRows(one, 1));
        EXPECT_EQ(epochRows(one, 1), epochRows(same, 1));
        // seed + epoch: the second seed's first epoch is the first seed's second.
        EXPECT_EQ(epochRows(one, 1), epochRows(other, 0));
    }
}

TEST(Sampler, KeepsFileOrderWithoutShuffling)
{
    for (const bool isPacked : {true, false}) {
        Sampler sampler(rowsFrom(0, 10), kLengths, {isPacked, false, 2, 9}, 7);

        EXPECT_EQ(epochRows(sampler, 2), rowsFrom(0, 10));
    }
}

TEST(Sampler, KeepsPackedBinsWithinTheirBudget)
{
    Sampler sampler(rowsFrom(0, 10), kLengths, {true, true, 2, 9}, 7);

    for (std::int64_t i = 0; i < sampler.microBatches(); ++i) {
        std::int64_t tokens = 0;
        for (const auto row : sampler.microBatch(0, i))
            tokens += kLengths[static_cast<std::size_t>(row)];
        EXPECT_LE(tokens, 18);
    }
    EXPECT_EQ(sampler.microBatches(), 3);  // 50 tokens in bins of 18
}

TEST(Sampler, CountsUnpackedBatchesAsHf)
{
    Sampler sampler(rowsFrom(0, 10), kLengths, {false, true, 4, 9}, 7);

    EXPECT_EQ(sampler.microBatches(), 3);
    EXPECT_EQ(sampler.microBatch(0, 2).size(), 2u);
}

}
