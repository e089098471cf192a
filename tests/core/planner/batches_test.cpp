// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/batches.h"
#include "planner/plan.h"
#include "support/shards.h"

#include <gtest/gtest.h>

#include <set>

namespace attune::planner {

TEST(SplitEvaluation, TakesTheRoundedUpShareAndKeepsFileOrder)
{
    const tests::TempDir folder;
    const auto shard = tests::makeShard(folder, 101, 500);

    const auto split = splitEvaluation(shard, 0.05, 42);

    EXPECT_EQ(split.eval.size(), 6u);  // ⌈5.05⌉
    EXPECT_EQ(split.train.size(), 95u);
    EXPECT_TRUE(std::is_sorted(split.eval.begin(), split.eval.end()));
    EXPECT_EQ(splitEvaluation(shard, 0.05, 42).eval, split.eval);
    EXPECT_NE(splitEvaluation(shard, 0.05, 43).eval, split.eval);
}

TEST(SplitEvaluation, LeavesSmallDataAlone)
{
    const tests::TempDir folder;

    EXPECT_TRUE(splitEvaluation(tests::makeShard(folder, 19), 0.5, 1).eval.empty());
    EXPECT_EQ(splitEvaluation(tests::makeShard(folder, 20, 16, 2, "b"), 0.001, 1).eval.size(), 1u);
    EXPECT_TRUE(splitEvaluation(tests::makeShard(folder, 50, 16, 3, "c"), 0.0, 1).eval.empty());
}

TEST(SplitEvaluation, KeepsDuplicatesOnOneSide)
{
    const tests::TempDir folder;
    tokenizer::TokenShardWriter writer;
    for (int row = 0; row < 60; ++row) {
        const std::vector<std::int32_t> ids {row % 20, 1, 2};
        writer.add(ids, std::vector<std::uint8_t> {0, 1, 1}, row);
    }
    ASSERT_TRUE(writer.write(folder.path("rows")));
    const auto shard = tokenizer::TokenShard::open(folder.path("rows"));
    ASSERT_TRUE(shard);

    const auto split = splitEvaluation(*shard, 0.2, 9);

    std::set<std::int32_t> trained;
    for (const auto row : split.train)
        trained.insert(shard->row(row).ids[0]);
    for (const auto row : split.eval)
        EXPECT_FALSE(trained.contains(shard->row(row).ids[0]));
    EXPECT_EQ(split.eval.size(), 12u);
}

TEST(PlanSteps, CountsAsHfTrainer)
{
    // formats.md, appendix A: 1000 examples, batch 8, accumulation 4, 3 epochs.
    const auto plan = planSteps(125, 4, 3, -1, 0.03, 0);

    EXPECT_EQ(plan.stepsPerEpoch, 32);
    EXPECT_EQ(plan.steps, 96);
    EXPECT_EQ(plan.warmupSteps, 3);
}

TEST(PlanSteps, LetsMaxStepsAndWarmupStepsWin)
{
    const auto plan = planSteps(125, 4, 3, 10, 0.5, 2);

    EXPECT_EQ(plan.steps, 10);
    EXPECT_EQ(plan.warmupSteps, 2);
    EXPECT_EQ(planSteps(2, 4, 1, -1, 0, 0).steps, 1);
    EXPECT_EQ(planSteps(10, 1, 0.25, -1, 0, 0).steps, 3);
}

}
