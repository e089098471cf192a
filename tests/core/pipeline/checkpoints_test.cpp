// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/checkpoints.h"

#include "pipeline/events.h"
#include "support/paths.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attune::pipeline {

TEST(Checkpoints, ListsCompleteOnesByStep)
{
    const tests::TempDir run;
    run.write("checkpoints/step-000100/state.json", "{}");
    run.write("checkpoints/step-000020/state.json", "{}");
    run.write("checkpoints/.writing-step-000120/state.json", "{}");
    run.write("checkpoints/step-000140/optimizer.safetensors", "cut off before its state");

    const auto found = checkpointsOf(run.path());

    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].step, 20);
    EXPECT_EQ(found[1].step, 100);
    EXPECT_TRUE(found[1].folder.ends_with(checkpointName(100)));
}

TEST(Checkpoints, FindsLastBestAndNumber)
{
    const tests::TempDir run;
    run.write("checkpoints/step-000010/state.json", "{}");
    run.write("checkpoints/step-000020/state.json", "{}");

    EXPECT_EQ(findCheckpoint(run.path(), "last", 10)->step, 20);
    EXPECT_EQ(findCheckpoint(run.path(), "best", 10)->step, 10);
    EXPECT_EQ(findCheckpoint(run.path(), "20", 10)->step, 20);
    const auto missing = findCheckpoint(run.path(), "15", 10);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::CheckpointMissing);
    EXPECT_NE(missing.error().hint.find("10, 20"), std::string::npos);
    EXPECT_EQ(findCheckpoint(run.path(), "newest", 10).error().code, ErrorCode::Usage);
}

TEST(Checkpoints, SaysThatARunHasNone)
{
    const tests::TempDir run;

    EXPECT_EQ(findCheckpoint(run.path(), "last", 0).error().code, ErrorCode::CheckpointMissing);
}

TEST(Events, HaveTheFieldsOfTheContract)
{
    EXPECT_EQ(toLine(toJson(Event(EvalDone {7, {{"loss", 1.5}}}))), R"({"event":"eval","step":7,"metrics":{"loss":1.5}})");
    const Json step = toJson(Event(StepDone {.step = 1, .loss = std::nan(""), .tokens = 3}));
    EXPECT_TRUE(step["loss"].is_null());
    EXPECT_EQ(step["tokens"], 3);
}

}
