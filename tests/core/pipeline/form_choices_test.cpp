// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/form_choices.h"

#include "base/file.h"
#include "pipeline/check.h"
#include "pipeline/token_rows.h"
#include "support/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace attune::pipeline {
namespace {

using testing::HasSubstr;

/// The starter model and small datasets of each shape.
class Form : public testing::Test
{
protected:
    Form()
    {
        auto opened = store::Store::open(dir.path("workspace"));
        EXPECT_TRUE(opened);
        store = std::move(*opened);
    }
    void SetUp() override
    {
        if (!fs::exists(tests::starterModel()))
            GTEST_SKIP() << "the starter model is not there";
    }
    Recipe recipeFor(const std::string& data) const
    {
        Recipe recipe;
        EXPECT_TRUE(recipe.set("model.base", tests::starterModel()));
        EXPECT_TRUE(recipe.set("data.train", data));
        return recipe;
    }
    std::string answers(int rows = 40, const std::string& more = {}) const
    {
        std::string text;
        for (int i = 0; i < rows; ++i)
            text += "{\"prompt\": \"What is " + std::to_string(i) + " and one?\", \"completion\": \"It is " + std::to_string(i + 1) + "." + more + "\"}\n";
        return dir.write("answers.jsonl", text);
    }
    std::string pairs() const
    {
        std::string text;
        for (int i = 0; i < 8; ++i)
            text += "{\"prompt\": \"Number " + std::to_string(i) + "?\", \"chosen\": \"Gladly.\", \"rejected\": \"No.\"}\n";
        return dir.write("pairs.jsonl", text);
    }
    std::string labels() const
    {
        std::string text;
        for (int i = 0; i < 24; ++i)
            text += std::string("{\"text\": \"Message ") + std::to_string(i) + "\", \"label\": \"" + (i % 2 ? "spam" : "ham") + "\"}\n";
        return dir.write("labels.jsonl", text);
    }
    const ObjectiveChoice& objective(const FormChoices& choices, const std::string& id) const
    {
        return *std::find_if(choices.objectives.begin(), choices.objectives.end(), [&](const auto& o) { return o.id == id; });
    }
    const MethodChoice& method(const FormChoices& choices, const std::string& id) const
    {
        return *std::find_if(choices.methods.begin(), choices.methods.end(), [&](const auto& m) { return m.id == id; });
    }

    tests::TempDir dir;
    std::unique_ptr<store::Store> store;
};

}

TEST_F(Form, OffersTheObjectivesThatTheDataHasRolesFor)
{
    const auto answered = formChoices(*store, recipeFor(answers()), {});
    EXPECT_EQ(objective(answered, "sft").reason, "");
    EXPECT_THAT(objective(answered, "dpo").reason, HasSubstr("chosen and rejected"));
    EXPECT_THAT(objective(answered, "mlm").reason, HasSubstr("decoder"));
    const auto paired = formChoices(*store, recipeFor(pairs()), {});
    EXPECT_EQ(objective(paired, "dpo").reason, "");
    EXPECT_EQ(objective(paired, "kto").reason, "");
    EXPECT_THAT(objective(paired, "classification").reason, HasSubstr("label"));
    EXPECT_EQ(objective(formChoices(*store, recipeFor(labels()), {}), "classification").reason, "");
}

TEST_F(Form, SaysWhatEachMethodCostsAndBecomes)
{
    const auto choices = formChoices(*store, recipeFor(answers()), {});
    EXPECT_EQ(choices.methods.size(), 12u);
    EXPECT_EQ(method(choices, "lora").forms, "GGUF adapter, merged GGUF");
    EXPECT_EQ(method(choices, "dora").forms, "merged GGUF, safetensors");
    EXPECT_EQ(method(choices, "prompt").forms, "adapter folder only");
    EXPECT_GT(method(choices, "full").trained, method(choices, "lora").trained);
    EXPECT_GT(method(choices, "full").estimateBytes, method(choices, "lora").estimateBytes);
    EXPECT_THAT(method(choices, "bitfit").reason, HasSubstr("this model has none"));
    EXPECT_EQ(choices.layers, 30);
    EXPECT_THAT(choices.moduleNames, testing::Contains("q_proj"));
}

TEST_F(Form, OffersTheWeightsThatModelAndMethodAllow)
{
    auto recipe = recipeFor(answers());
    auto choices = formChoices(*store, recipe, {});
    ASSERT_EQ(choices.weights.size(), 4u);
    for (const auto& weights : choices.weights)
        EXPECT_EQ(weights.reason, "") << weights.id;
    EXPECT_EQ(choices.weights[3].name, "Q4_1") << "the file's own blocks by their name";
    EXPECT_LT(choices.weights[2].weightBytes, choices.weights[0].weightBytes) << "4 bits are fewer";
    ASSERT_TRUE(recipe.set("method.type", "full"));
    choices = formChoices(*store, recipe, {});
    EXPECT_EQ(choices.weights[0].reason, "");
    EXPECT_THAT(choices.weights[2].reason, HasSubstr("full precision"));
}

TEST_F(Form, SaysWhyAModelOrDatasetCannotBeOpened)
{
    Recipe recipe;
    ASSERT_TRUE(recipe.set("model.base", dir.path("gone.gguf")));
    ASSERT_TRUE(recipe.set("data.train", "nothing-here"));
    const auto choices = formChoices(*store, recipe, {});
    EXPECT_THAT(choices.modelProblem, HasSubstr("gone.gguf"));
    EXPECT_THAT(choices.dataProblem, HasSubstr("nothing-here"));
    EXPECT_EQ(choices.methods.size(), 12u) << "what is not known rules nothing out";
}

TEST_F(Form, ChecksMoreThanItWarnsOf)
{
    auto recipe = recipeFor(answers(40, " And so on, and so on, and so on, until the end of all numbers that there are."));
    ASSERT_TRUE(recipe.set("data.max_length", 48));
    const auto check = checkRecipe(*store, recipe, {});
    ASSERT_TRUE(check) << check.error().message;
    const auto has = [&](const std::string& id, CheckFinding::Level level) {
        return std::any_of(check->findings.begin(), check->findings.end(), [&](const auto& f) { return f.id == id && f.level == level; });
    };
    EXPECT_TRUE(has("overlap", CheckFinding::Level::Good));
    EXPECT_TRUE(has("cut", CheckFinding::Level::Warning));
    EXPECT_TRUE(has("few_steps", CheckFinding::Level::Warning));
    EXPECT_EQ(check->truncatedRows, 40);
    EXPECT_GT(check->tokens, check->rows);
    EXPECT_GT(check->checkpointBytes, check->plan.trainableParameters * 4);
    EXPECT_FALSE(check->toJson().contains("findings")) << "the contract's fields stay as they are";

    const auto cut = cutRows(*store, recipe, 5, {});
    ASSERT_TRUE(cut);
    ASSERT_EQ(cut->rows.size(), 5u);
    const auto& tokens = cut->rows[0].parts[0].tokens;
    EXPECT_FALSE(tokens[47].isCut);
    EXPECT_TRUE(tokens[48].isCut);
}

TEST_F(Form, NoticesEvaluationRowsThatAreTrainedOn)
{
    auto recipe = recipeFor(answers());
    const auto eval = dir.write("eval.jsonl", "{\"prompt\": \"What is 3 and one?\", \"completion\": \"It is 4.\"}\n{\"prompt\": \"And 900?\", \"completion\": \"It is 901.\"}\n");
    ASSERT_TRUE(recipe.set("data.eval", eval));
    const auto check = checkRecipe(*store, recipe, {});
    ASSERT_TRUE(check);
    EXPECT_THAT(check->warnings, testing::Contains(HasSubstr("1 of 2 evaluation rows")));
}

TEST_F(Form, ShowsTheRowsOfAStepAsTheRunTakesThem)
{
    auto recipe = recipeFor(answers());
    ASSERT_TRUE(recipe.set("data.packing", false));
    ASSERT_TRUE(recipe.set("data.eval_fraction", 0.0));
    ASSERT_TRUE(recipe.set("training.batch_size", 4));
    ASSERT_TRUE(recipe.set("training.gradient_accumulation_steps", 2));
    std::set<std::int64_t> seen;
    for (std::int64_t step = 0; step < 5; ++step) {
        const auto batch = batchOf(*store, recipe, step, {});
        ASSERT_TRUE(batch);
        EXPECT_EQ(batch->steps, 5);
        EXPECT_EQ(batch->rows.size(), 8u);
        EXPECT_GT(batch->trained, 0);
        EXPECT_LT(batch->trained, batch->tokens);
        for (const auto& row : batch->rows)
            seen.insert(row.row);
    }
    EXPECT_EQ(seen.size(), 40u) << "each row once an epoch";
    EXPECT_FALSE(batchOf(*store, recipe, 5, {}));
}

TEST_F(Form, ShowsPairsAndLabels)
{
    auto recipe = recipeFor(pairs());
    ASSERT_TRUE(recipe.set("objective.type", "dpo"));
    const auto paired = batchOf(*store, recipe, 0, {});
    ASSERT_TRUE(paired) << paired.error().message;
    ASSERT_EQ(paired->rows[0].parts.size(), 2u);
    EXPECT_EQ(paired->rows[0].parts[0].name, "chosen");
    EXPECT_EQ(paired->rows[0].parts[1].name, "rejected");
    recipe = recipeFor(labels());
    ASSERT_TRUE(recipe.set("objective.type", "classification"));
    const auto labelled = batchOf(*store, recipe, 0, {});
    ASSERT_TRUE(labelled) << labelled.error().message;
    EXPECT_THAT(labelled->rows[0].label, testing::AnyOf("spam", "ham"));
}

}
