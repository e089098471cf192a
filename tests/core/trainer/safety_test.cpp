// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/safety.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace attune::trainer {
namespace {

pipeline::StepDone stepOf(std::int64_t step, double loss)
{
    pipeline::StepDone event;
    event.step = step;
    event.loss = loss;
    event.learningRate = 1e-3;
    event.epoch = 3;
    return event;
}

/// Feeds losses and returns the titles of what fired.
std::vector<std::string> feed(SafetyRules& rules, std::int64_t from, std::int64_t count, double loss)
{
    std::vector<std::string> titles;
    for (std::int64_t i = 0; i < count; ++i)
        for (const auto& finding : rules.afterStep(stepOf(from + i, loss + 0.01 * std::sin(static_cast<double>(i))), false))
            titles.push_back(finding.alert.title);
    return titles;
}

}

TEST(SafetyRules, TellDivergenceOnceUntilItIsOver)
{
    Settings settings;
    settings.divergence = SafetyAction::Stop;
    SafetyRules rules(settings, 1000);
    feed(rules, 1, 200, 1.0);

    const auto rising = feed(rules, 201, 400, 3.0);

    EXPECT_EQ(std::count(rising.begin(), rising.end(), "The loss is rising"), 1);
}

TEST(SafetyRules, SayNothingOfASteadyLoss)
{
    SafetyRules rules(Settings(), 100000);

    EXPECT_TRUE(feed(rules, 1, 400, 1.0).empty());
}

TEST(SafetyRules, SeeASpikeOfThreeSteps)
{
    SafetyRules rules(Settings(), 100000);
    feed(rules, 1, 60, 1.0);

    EXPECT_TRUE(feed(rules, 61, 2, 5.0).empty());
    EXPECT_EQ(feed(rules, 63, 1, 5.0), std::vector<std::string> {"The loss jumped"});
}

TEST(SafetyRules, SeeOverfittingAfterThreeWorseEvaluations)
{
    Settings settings;
    settings.overfitting = SafetyAction::Stop;
    SafetyRules rules(settings, 1000);
    std::optional<Finding> finding;
    for (int i = 0; i < 4; ++i) {
        feed(rules, 1 + 10 * i, 10, 2.0 - 0.3 * i);
        EXPECT_FALSE(finding);
        finding = rules.afterEvaluation(10 + 10 * i, i == 0 ? 1.0 : 1.1 + 0.1 * i, 1.0, 10);
    }

    ASSERT_TRUE(finding);
    EXPECT_EQ(finding->action, SafetyAction::Stop);
    EXPECT_NE(finding->alert.tryThis.find("step 10"), std::string::npos);
}

TEST(SafetyRules, ObeyOff)
{
    Settings settings;
    settings.nonFinite = settings.divergence = SafetyAction::Off;
    SafetyRules rules(settings, 100);
    feed(rules, 1, 60, 1.0);

    EXPECT_FALSE(rules.nonFinite(61, std::nan(""), 1.0, 1e-3, 0));
    const auto titles = feed(rules, 61, 300, 9.0);
    EXPECT_EQ(std::count(titles.begin(), titles.end(), "The loss is rising"), 0);
}

TEST(SafetyRules, RememberAcrossAResume)
{
    Settings settings;
    SafetyRules before(settings, 1000), after(settings, 1000);
    feed(before, 1, 200, 1.0);
    feed(before, 201, 90, 3.0);

    after.restore(before.state());

    EXPECT_EQ(feed(before, 291, 200, 3.0), feed(after, 291, 200, 3.0));
}

}
