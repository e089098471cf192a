// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/convert.h"

#include "pipeline/convert_from.h"
#include "pipeline/recipe_yaml.h"
#include "support/paths.h"

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

TEST(Convert, SpeaksOfPreferencesInEachTrainersWords)
{
    const auto dpo = recipe("objective: {type: dpo, beta: 0.2, loss_type: hinge}");
    EXPECT_EQ(convertRecipe(dpo, "trl", "")->command, "trl dpo --config config.yaml");
    EXPECT_EQ(convertRecipe(dpo, "trl", "")->config["loss_type"], "hinge");
    EXPECT_EQ(convertRecipe(dpo, "axolotl", "")->config["rl"], "dpo");
    EXPECT_EQ(convertRecipe(dpo, "axolotl", "")->config["rl_beta"], 0.2);
    EXPECT_EQ(convertRecipe(dpo, "llamafactory", "")->config["stage"], "dpo");
    EXPECT_EQ(convertRecipe(dpo, "llamafactory", "")->config["pref_loss"], "hinge");

    const auto reward = recipe("objective: {type: reward}");
    EXPECT_EQ(convertRecipe(reward, "trl", "")->command, "trl reward --config config.yaml");
    EXPECT_EQ(convertRecipe(reward, "axolotl", "")->config["reward_model"], true);
    EXPECT_EQ(convertRecipe(reward, "llamafactory", "")->config["stage"], "rm");
}

TEST_P(EveryTarget, SaysWhichObjectiveItCannotTrain)
{
    const auto converted = convertRecipe(recipe("objective: {type: classification}"), GetParam(), "");

    EXPECT_THAT(converted->unmapped, Contains(HasSubstr("classification")));
}

TEST(ConvertFrom, ReadsAnAdaptersConfiguration)
{
    const tests::TempDir folder;
    folder.write("adapter_config.json", R"({"peft_type": "LORA", "base_model_name_or_path": "org/model", "r": 4, "lora_alpha": 12, "lora_dropout": 0.1,
        "target_modules": ["q_proj", "v_proj"], "use_dora": false, "use_rslora": true, "task_type": "SEQ_CLS", "bias": "all", "inference_mode": true, "layers_pattern": "h"})");

    const auto read = readForeignRecipe(folder.path(), "peft");

    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->recipe.text("method.type"), "lora");
    EXPECT_EQ(read->recipe.integer("method.r"), 4);
    EXPECT_EQ(read->recipe.number("method.lora_alpha"), 12);
    EXPECT_EQ(read->recipe.value("method.target_modules"), Json({"q_proj", "v_proj"}));
    EXPECT_TRUE(read->recipe.boolean("method.use_rslora"));
    EXPECT_EQ(read->recipe.text("objective.type"), "classification");
    EXPECT_THAT(read->unmapped, Contains(HasSubstr("bias")));
    EXPECT_THAT(read->unmapped, Contains(HasSubstr("layers_pattern")));
}

TEST(ConvertFrom, ReadsBackWhatAxolotlGets)
{
    const auto ours = recipe("objective: {type: dpo, beta: 0.3}\ntraining: {epochs: 2, batch_size: 4, warmup_steps: 5, learning_rate: 3e-5}\ndata: {max_length: 1024}\nmethod: {r: 8}");
    const tests::TempDir folder;
    folder.write("config.yaml", convertRecipe(ours, "axolotl", "")->yaml());

    const auto read = readForeignRecipe(folder.path("config.yaml"), "axolotl");

    ASSERT_TRUE(read) << read.error().message;
    for (const char* key : {"objective.type", "objective.beta", "training.num_train_epochs", "training.batch_size", "training.warmup_steps", "training.learning_rate",
             "training.optimizer", "training.lr_scheduler", "data.max_length", "data.packing", "method.type", "method.r", "method.lora_alpha", "method.target_modules", "name"})
        EXPECT_EQ(read->recipe.value(key), ours.value(key)) << key;
}

TEST(ConvertFrom, KeepsPlainPairsPlainOnTheWayToAxolotlAndBack)
{
    const auto ours = recipe("data: {template: none, train_on: all}");
    const auto converted = convertRecipe(ours, "axolotl", "train.jsonl");
    const tests::TempDir folder;
    folder.write("config.yaml", converted->yaml());

    const auto read = readForeignRecipe(folder.path("config.yaml"), "axolotl");

    EXPECT_EQ(converted->config["datasets"][0]["type"]["field_output"], "completion");
    ASSERT_TRUE(read) << read.error().message;
    for (const char* key : {"objective.type", "data.template", "data.train_on"})
        EXPECT_EQ(read->recipe.value(key), ours.value(key)) << key;
}

TEST(ConvertFrom, SaysThatAFormatOfAnothersIsNotTaken)
{
    const tests::TempDir folder;

    const auto read = readForeignRecipe(folder.write("a.yaml", "base_model: m\ndatasets: [{path: 7, type: {format: 'Q {instruction}'}}]"), "axolotl");

    ASSERT_TRUE(read) << read.error().message;
    EXPECT_THAT(read->unmapped, Contains(HasSubstr("format of prompts")));
}

TEST(ConvertFrom, RefusesWhatIsNoSuchConfiguration)
{
    const tests::TempDir folder;

    EXPECT_FALSE(readForeignRecipe(folder.write("a.yaml", "learning_rate: 1.0"), "axolotl"));
    EXPECT_FALSE(readForeignRecipe(folder.write("adapter_config.json", "{}"), "peft"));
    EXPECT_FALSE(readForeignRecipe(folder.path("missing.yaml"), "axolotl"));
    EXPECT_FALSE(readForeignRecipe(folder.write("b.yaml", "- 1"), "axolotl"));
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
