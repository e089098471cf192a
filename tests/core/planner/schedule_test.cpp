// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/schedule.h"

#include <gtest/gtest.h>

namespace attune::planner {
namespace {

double factor(const char* id, std::int64_t step, const SchedulePlan& plan)
{
    return findSchedule(id)->factor(step, plan);
}

class AnySchedule : public testing::TestWithParam<const ScheduleKind*>
{
};

TEST_P(AnySchedule, RisesFromZeroToOneUnderWarmup)
{
    const SchedulePlan plan {100, 10, 1e-3, Json::object()};

    EXPECT_DOUBLE_EQ(GetParam()->factor(0, plan), 0.0);
    EXPECT_DOUBLE_EQ(GetParam()->factor(5, plan), 0.5);
    EXPECT_DOUBLE_EQ(GetParam()->factor(10, plan), 1.0);
}

TEST_P(AnySchedule, StaysBetweenZeroAndOneWithoutWarmup)
{
    const SchedulePlan plan {37, 0, 1e-3, Json::object()};

    EXPECT_DOUBLE_EQ(GetParam()->factor(0, plan), 1.0);
    for (std::int64_t step = 0; step <= 40; ++step) {
        EXPECT_GE(GetParam()->factor(step, plan), 0.0);
        EXPECT_LE(GetParam()->factor(step, plan), 1.0);
    }
}

INSTANTIATE_TEST_SUITE_P(All, AnySchedule, testing::ValuesIn(schedules().begin(), schedules().end()), [](const auto& kind) { return kind.param->id; });

}

// Vectors of formats.md, appendix A, computed from HF's formulas.
TEST(LinearSchedule, GivesHfsFactors)
{
    const SchedulePlan plan {10, 2, 1.0, Json::object()};
    const double expected[] = {0, .5, 1, .875, .75, .625, .5, .375, .25, .125};

    for (std::int64_t step = 0; step < 10; ++step)
        EXPECT_DOUBLE_EQ(factor("linear", step, plan), expected[step]);
}

TEST(CosineSchedule, GivesHfsFactors)
{
    const SchedulePlan plan {10, 2, 1.0, Json::object()};

    EXPECT_DOUBLE_EQ(factor("cosine", 2, plan), 1.0);
    EXPECT_NEAR(factor("cosine", 6, plan), 0.5, 1e-12);
    EXPECT_NEAR(factor("cosine", 9, plan), 0.0380602, 1e-7);
}

TEST(CosineSchedule, EndsAtItsFloor)
{
    EXPECT_NEAR(factor("cosine", 10, {10, 0, 1.0, {{"min_lr_rate", 0.1}}}), 0.1, 1e-12);
}

TEST(CosineWithRestarts, StartsAgain)
{
    const SchedulePlan plan {10, 0, 1.0, {{"num_cycles", 2}}};

    EXPECT_NEAR(factor("cosine_with_restarts", 5, plan), 1.0, 1e-12);
    EXPECT_DOUBLE_EQ(factor("cosine_with_restarts", 10, plan), 0.0);
}

TEST(PolynomialSchedule, EndsAtLrEnd)
{
    const SchedulePlan plan {10, 0, 1e-3, {{"power", 2.0}}};

    EXPECT_NEAR(factor("polynomial", 5, plan) * 1e-3, (1e-3 - 1e-7) * 0.25 + 1e-7, 1e-15);
    EXPECT_NEAR(factor("polynomial", 11, plan) * 1e-3, 1e-7, 1e-15);
}

TEST(InverseSqrtSchedule, FallsWithTheRoot)
{
    EXPECT_DOUBLE_EQ(factor("inverse_sqrt", 40, {100, 10, 1.0, Json::object()}), 0.5);
}

TEST(WsdSchedule, IsFlatThenFalls)
{
    const SchedulePlan plan {100, 10, 1.0, {{"decay_ratio", 0.2}}};

    EXPECT_DOUBLE_EQ(factor("wsd", 50, plan), 1.0);
    EXPECT_DOUBLE_EQ(factor("wsd", 80, plan), 1.0);
    EXPECT_NEAR(factor("wsd", 90, plan), 0.5, 1e-12);
    EXPECT_DOUBLE_EQ(factor("wsd", 100, plan), 0.0);
}

}
