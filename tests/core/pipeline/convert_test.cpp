// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/convert.h"

#include "pipeline/recipe_yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace attune::pipeline {
namespace {

using testing::Contains;
using testing::HasSubstr;

Recipe recipe(const std::string& changes)
{
    auto recipe = Recipe::parse("name: bot\nmodel.base: org/model\ndata.train: rows\n" + changes, "/");
    EXPECT_TRUE(recipe) << (recipe ? "" : recipe.error().message);
    return recipe ? *recipe : Recipe();
}

class EveryTarget : public testing::TestWithParam<std::string> {};

TEST_P(EveryTarget, WritesYamlThatReadsBack)
{
    const auto converted = convertRecipe(recipe("method: {target_modules: [q_proj, v_proj]}"), GetParam(), "train.jsonl");

    ASSERT_TRUE(converted);
    const auto read = parseYaml(converted->yaml());
    ASSERT_TRUE(read) << read.error().message << converted->yaml();
    EXPECT_EQ(read->root, converted->config);
    EXPECT_EQ(converted->config["learning_rate"], 2e-4);
    EXPECT_EQ(converted->config["gradient_accumulation_steps"], 1);
    EXPECT_FALSE(converted->command.empty());
}

TEST_P(EveryTarget, SaysWhatIsLost)
{
    const auto converted = convertRecipe(recipe("method: {rank_pattern: {mlp_up: 4}}\nsafety: {divergence: stop}"), GetParam(), "");

    EXPECT_THAT(converted->unmapped, Contains(HasSubstr("method.rank_pattern")));
    EXPECT_THAT(converted->unmapped, Contains(HasSubstr("safety.divergence")));
}

INSTANTIATE_TEST_SUITE_P(Convert, EveryTarget, testing::ValuesIn(conversionTargets()), [](const auto& parameter) { return parameter.param; });

TEST(Convert, SpeaksAxolotl)
{
    const auto config = convertRecipe(recipe("training: {epochs: 2, batch_size: 4, warmup_steps: 5}\ndata: {max_length: 1024}\nmethod: {r: 8}"), "axolotl", "t.jsonl")->config;

    EXPECT_EQ(config["adapter"], "lora");
    EXPECT_EQ(config["lora_r"], 8);
    EXPECT_EQ(config["lora_target_linear"], true);
    EXPECT_EQ(config["sequence_len"], 1024);
    EXPECT_EQ(config["micro_batch_size"], 4);
    EXPECT_EQ(config["num_epochs"], 2);
    EXPECT_EQ(config["warmup_steps"], 5);
    EXPECT_FALSE(config.contains("warmup_ratio"));
    EXPECT_EQ(config["datasets"][0]["path"], "t.jsonl");
}

TEST(Convert, FullFineTuningHasNoAdapter)
{
    EXPECT_FALSE(convertRecipe(recipe("method: {type: full}"), "axolotl", "")->config.contains("adapter"));
    EXPECT_FALSE(convertRecipe(recipe("method: {type: full}"), "trl", "")->config.contains("use_peft"));
    EXPECT_EQ(convertRecipe(recipe("method: {type: full}"), "llamafactory", "")->config["finetuning_type"], "full");
}

TEST(Convert, ConstantWarmsUpThereToo)
{
    EXPECT_EQ(convertRecipe(recipe("training: {lr_scheduler: constant}"), "trl", "")->config["lr_scheduler_type"], "constant_with_warmup");
    EXPECT_EQ(convertRecipe(recipe("training: {lr_scheduler: constant, warmup_ratio: 0}"), "trl", "")->config["lr_scheduler_type"], "constant");
}

TEST(Convert, NamesTheTargetsItKnows)
{
    const auto converted = convertRecipe(recipe(""), "torchtune", "");

    ASSERT_FALSE(converted);
    EXPECT_EQ(converted.error().exitCode(), 2);
    EXPECT_THAT(converted.error().hint, HasSubstr("axolotl"));
}

}
}
