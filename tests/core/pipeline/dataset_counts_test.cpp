// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_jobs.h"
#include "pipeline/dataset_stats.h"
#include "pipeline/row_facts.h"
#include "support/paths.h"

#include <gtest/gtest.h>

#include <numeric>

namespace attune::pipeline {
namespace {

using Counts = std::vector<std::int64_t>;

/// A workspace with 65 different rows.
class DatasetCounts : public testing::Test
{
protected:
    void SetUp() override
    {
        auto opened = store::Store::open(dir.path("workspace"));
        ASSERT_TRUE(opened);
        store = std::move(*opened);
        std::string text;
        for (int i = 0; i < 65; ++i)
            text += "{\"prompt\": \"What is " + std::to_string(i) + "?\", \"completion\": \"It is " + std::to_string(i * 31) + ".\"}\n";
        ASSERT_TRUE(importDataset(*store, {dir.write("rows.jsonl", text)}, "rows", {}, false, {}));
    }

    tests::TempDir dir;
    std::unique_ptr<store::Store> store;
};

TEST(PlannedParts, AddUpToAllRows)
{
    EXPECT_EQ(plannedParts(65, {0.9, 0.1, 0.0}), (Counts {59, 6, 0}));
    EXPECT_EQ(plannedParts(10, {0.8, 0.1, 0.1}), (Counts {8, 1, 1}));
    EXPECT_EQ(plannedParts(0, {0.9, 0.1}), (Counts {0, 0}));
    for (std::int64_t rows = 1; rows < 200; ++rows) {
        const auto parts = plannedParts(rows, {0.85, 0.1, 0.05});
        EXPECT_EQ(std::accumulate(parts.begin(), parts.end(), std::int64_t(0)), rows);
    }
}

TEST_F(DatasetCounts, ASplitGivesWhatIsForeseen)
{
    SplitOptions options;
    options.ratios = {0.9, 0.1, 0.0};

    const auto counts = splitDataset(*store, "rows", options, {});

    ASSERT_TRUE(counts);
    EXPECT_EQ((Counts {counts->at("train"), counts->at("eval"), counts->at("test")}), plannedParts(65, options.ratios));
}

TEST(QuantileRank, NamesAValueThatOccurs)
{
    EXPECT_EQ(quantileRank(0.5, 1), 0);
    EXPECT_EQ(quantileRank(0.5, 3), 1);
    EXPECT_EQ(quantileRank(0.5, 4), 1) << "the lower of the two in the middle";
    EXPECT_EQ(quantileRank(1.0, 4), 3);
    EXPECT_EQ(quantileRank(0.0, 4), 0);
    EXPECT_EQ(quantileRank(0.5, 0), 0);
}

TEST_F(DatasetCounts, TokensOfAVersionAreKept)
{
    auto row = *store->dataset("rows");
    ASSERT_TRUE(row);
    EXPECT_FALSE(keptTokens(*store, *row));

    ASSERT_TRUE(keepTokens(*store, *row, 812));

    EXPECT_EQ(keptTokens(*store, *row), 812);
    row->version = 2;
    EXPECT_FALSE(keptTokens(*store, *row)) << "another version has other rows";
    row->version = 1;
    row->created = "2020-01-01T00:00:00Z";
    EXPECT_FALSE(keptTokens(*store, *row)) << "another dataset that took the name";
}

}
}
