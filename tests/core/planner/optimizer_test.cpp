// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/optimizer.h"

#include "base/options.h"
#include "pipeline/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace attune::planner {
namespace {

double bytesPerValue(const char* id, std::vector<std::int64_t> shape)
{
    return static_cast<double>(findOptimizerFacts(id)->stateBytes(shape)) / static_cast<double>(valueCount(shape));
}

TEST(Optimizers, AreCompleteAndOffered)
{
    const auto* option = pipeline::recipeSchema().find("training.optimizer");
    ASSERT_EQ(option->choices.size(), optimizerFacts().size());
    for (std::size_t i = 0; i < optimizerFacts().size(); ++i) {
        const OptimizerFacts& facts = *optimizerFacts()[i];
        EXPECT_EQ(option->choices[i].value, facts.id);
        EXPECT_TRUE(option->choices[i].isAvailable);
        EXPECT_EQ(findOptimizerFacts(facts.id), &facts);
        EXPECT_TRUE(facts.sentence.ends_with('.')) << facts.id;
        EXPECT_FALSE(facts.displayName.empty() || facts.reference.empty() || facts.hfNames.empty()) << facts.id;
        EXPECT_TRUE(facts.lighter.empty() || findOptimizerFacts(facts.lighter)) << facts.id;
        for (const auto& name : facts.hfNames)
            EXPECT_EQ(optimizerOfHfName(name), &facts) << name;
    }
}

TEST(Optimizers, CountTheirState)
{
    EXPECT_EQ(bytesPerValue("adamw", {576, 1536}), 8);
    EXPECT_EQ(bytesPerValue("sgd", {576, 1536}), 0);
    EXPECT_EQ(bytesPerValue("lion", {576, 1536}), 4);
    EXPECT_EQ(bytesPerValue("adamw_8bit", {576, 1536}), 2 + 8.0 / 256);
    EXPECT_EQ(bytesPerValue("adamw_8bit", {576}), 8);  // small tensors keep float32
    EXPECT_EQ(findOptimizerFacts("adafactor")->stateBytes(std::vector<std::int64_t> {576, 1536}), 4 * (576 + 1536));
    EXPECT_EQ(findOptimizerFacts("adafactor")->stateBytes(std::vector<std::int64_t> {3, 10, 20}), 4 * 3 * (10 + 20));
    EXPECT_EQ(bytesPerValue("adafactor", {576}), 4);
}

TEST(Optimizers, AreKnownByTheNamesOfOtherPrograms)
{
    for (const auto& [theirs, ours] : {std::pair("adamw_torch", "adamw"), {"paged_adamw_32bit", "adamw"}, {"adamw_torch_xla", "adamw"}, {"paged_adamw_8bit", "adamw_8bit"},
             {"adamw_bnb_8bit", "adamw_8bit"}, {"paged_lion_8bit", "lion"}, {"adafactor", "adafactor"}, {"sgd", "sgd"}}) {
        ASSERT_NE(optimizerOfHfName(theirs), nullptr) << theirs;
        EXPECT_EQ(optimizerOfHfName(theirs)->id, ours) << theirs;
    }
    EXPECT_EQ(optimizerOfHfName("rmsprop"), nullptr);
}

}
}
