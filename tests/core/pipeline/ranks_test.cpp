// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/ranks.h"

#include <gtest/gtest.h>

#include <map>

namespace attune::pipeline {
namespace {

Result<Ranks> ranksOf(const std::map<std::string, std::string>& environment)
{
    return ranksFrom([&](const char* name) -> std::optional<std::string> {
        const auto it = environment.find(name);
        return it == environment.end() ? std::nullopt : std::optional<std::string>(it->second);
    });
}

}

TEST(Ranks, AreOfTorchrun)
{
    const auto ranks = ranksOf({{"RANK", "3"}, {"WORLD_SIZE", "4"}, {"LOCAL_RANK", "1"}, {"LOCAL_WORLD_SIZE", "2"}, {"MASTER_ADDR", "10.0.0.1"},
        {"MASTER_PORT", "4711"}, {"TORCHELASTIC_USE_AGENT_STORE", "True"}, {"TORCHELASTIC_RESTART_COUNT", "2"}, {"SLURM_PROCID", "0"}});

    ASSERT_TRUE(ranks) << ranks.error().message;
    EXPECT_EQ(ranks->rank, 3);
    EXPECT_EQ(ranks->size, 4);
    EXPECT_EQ(ranks->localRank, 1);
    EXPECT_EQ(ranks->localSize, 2);
    EXPECT_EQ(ranks->address, "10.0.0.1");
    EXPECT_EQ(ranks->port, 4711);
    EXPECT_EQ(ranks->storePrefix, "/worker/attempt_2");
    EXPECT_FALSE(ranks->isFirst());
}

TEST(Ranks, AreOfAStepThatSrunStarted)
{
    const auto ranks = ranksOf({{"SLURM_PROCID", "5"}, {"SLURM_STEP_NUM_TASKS", "8"}, {"SLURM_LOCALID", "1"}, {"SLURM_STEP_TASKS_PER_NODE", "2(x4)"},
        {"SLURM_STEP_NODELIST", "gpu[007-009,12]"}, {"SLURM_JOB_ID", "123456"}});

    ASSERT_TRUE(ranks) << ranks.error().message;
    EXPECT_EQ(ranks->rank, 5);
    EXPECT_EQ(ranks->size, 8);
    EXPECT_EQ(ranks->localRank, 1);
    EXPECT_EQ(ranks->localSize, 2);
    EXPECT_EQ(ranks->address, "gpu007");
    EXPECT_EQ(ranks->port, 20000 + 123456 % 20000);
    EXPECT_TRUE(ranks->storePrefix.empty());
}

TEST(Ranks, AreOneWithoutALauncher)
{
    EXPECT_TRUE(ranksOf({})->isAlone());
    EXPECT_TRUE(ranksOf({{"RANK", "0"}, {"WORLD_SIZE", "1"}})->isAlone());
    // A batch script of Slurm is one process although it asked for more.
    EXPECT_TRUE(ranksOf({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}, {"SLURM_JOB_ID", "1"}})->isAlone());
}

TEST(Ranks, AreRefusedInASentenceWhenHalfSet)
{
    for (const std::map<std::string, std::string>& broken : {std::map<std::string, std::string> {{"RANK", "0"}}, {{"WORLD_SIZE", "2"}}, {{"RANK", "2"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "a"}},
             {{"RANK", "one"}, {"WORLD_SIZE", "2"}}, {{"RANK", "0"}, {"WORLD_SIZE", "2"}}, {{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "a"}, {"MASTER_PORT", "99999"}}}) {
        const auto ranks = ranksOf(broken);
        ASSERT_FALSE(ranks);
        EXPECT_EQ(ranks.error().code, ErrorCode::Usage);
        EXPECT_FALSE(ranks.error().hint.empty());
    }
}

TEST(Ranks, FindTheFirstComputerOfAList)
{
    EXPECT_EQ(firstNode("solo"), "solo");
    EXPECT_EQ(firstNode("a1,b2"), "a1");
    EXPECT_EQ(firstNode("gpu[003-010,17],x1"), "gpu003");
    EXPECT_EQ(firstNode("n[5]"), "n5");
    EXPECT_EQ(firstNode("n[5"), "n[5");
    EXPECT_EQ(firstNode(""), "");
}

}
