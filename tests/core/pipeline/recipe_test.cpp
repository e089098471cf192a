// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/recipe.h"

#include "base/file.h"
#include "support/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

namespace attune::pipeline {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Recipe parsed(const std::string& text)
{
    auto recipe = Recipe::parse(text, "/recipes");
    EXPECT_TRUE(recipe) << (recipe ? "" : recipe.error().message + " " + recipe.error().hint);
    return recipe ? *recipe : Recipe();
}

Error refused(const std::string& text)
{
    const auto recipe = Recipe::parse(text, "/recipes");
    EXPECT_FALSE(recipe) << "accepted: " << text.substr(0, 80);
    if (recipe)
        return {};
    EXPECT_EQ(recipe.error().exitCode(), 3);
    EXPECT_FALSE(recipe.error().hint.empty());
    return recipe.error();
}

std::string said(const std::string& text)
{
    const Error error = refused(text);
    return error.message + " " + error.hint;
}

TEST(RecipeSchema, KnowsEveryKeyOfTheExample)
{
    const auto text = readFile(tests::sourceDir() + "/tests/fixtures/recipes/example.yaml");
    ASSERT_TRUE(text);

    const Recipe recipe = parsed(*text);

    // Every line `  key: value` of the example is a key of the schema, and its value the default.
    EXPECT_EQ(recipe.name(), "support-bot");
    EXPECT_EQ(recipe.text("model.base"), "smollm2-135m-instruct");
    const std::set<std::string> filledIn {"name", "model.base", "data.train"};
    for (const auto& option : recipeSchema().options())
        EXPECT_NE(recipe.isDefault(option.key), filledIn.contains(option.key)) << option.key << " is " << toLine(recipe.value(option.key));
}

TEST(RecipeSchema, EveryOptionExplainsItself)
{
    for (const auto& option : recipeSchema().options()) {
        EXPECT_GT(option.help.size(), 20u) << option.key;
        EXPECT_TRUE(option.help.ends_with('.')) << option.key;
        EXPECT_FALSE(option.label.empty()) << option.key;
        EXPECT_FALSE(option.group.empty()) << option.key;
        for (const auto& choice : option.choices)
            EXPECT_FALSE(choice.help.empty()) << option.key << " " << choice.value;
    }
}

TEST(RecipeSchema, EveryDefaultIsValid)
{
    for (const auto& option : recipeSchema().options()) {
        Json value = option.defaultValue;
        const auto problem = recipeSchema().check(option, value);
        EXPECT_FALSE(problem) << option.key << (problem ? problem->message : "");
        EXPECT_EQ(value, option.defaultValue) << option.key;
    }
}

TEST(RecipeSchema, KeysAndAliasesAreUnique)
{
    std::set<std::string> seen;
    for (const auto& option : recipeSchema().options()) {
        EXPECT_TRUE(seen.insert(option.key).second) << option.key;
        for (const auto& alias : option.aliases)
            EXPECT_TRUE(seen.insert(alias).second) << alias;
    }
}

TEST(RecipeSchema, AnOptionDependsOnlyOnAChoiceThatExists)
{
    for (const auto& option : recipeSchema().options()) {
        if (option.visibleKey.empty())
            continue;
        const Option* key = recipeSchema().find(option.visibleKey);
        ASSERT_TRUE(key) << option.key;
        for (const auto& value : option.visibleValues)
            EXPECT_TRUE(std::any_of(key->choices.begin(), key->choices.end(), [&](const auto& c) { return c.value == value; })) << option.key << " " << value;
    }
}

TEST(Recipe, NeedsOnlyModelAndData)
{
    const Recipe recipe = parsed("model: {base: smol}\ndata:\n  train: sums\n");

    EXPECT_TRUE(recipe.checkComplete());
    EXPECT_EQ(recipe.number("training.learning_rate"), 2e-4);
    EXPECT_EQ(recipe.integer("method.r"), 16);
    EXPECT_FALSE(Recipe().checkComplete());
}

TEST(Recipe, ReadsJson)
{
    const Recipe recipe = parsed(R"({"attune_recipe": 1, "model": {"base": "a\u00e9"}, "training": {"learning_rate": 0.0002, "shuffle": false}})");

    EXPECT_EQ(recipe.text("model.base"), "a\u00e9");
    EXPECT_FALSE(recipe.boolean("training.shuffle"));
}

TEST(Recipe, TakesNumbersAsPeopleWriteThem)
{
    for (const char* text : {"2e-4", "2.0e-04", "0.0002", "\"2e-4\"", "+2E-4"})
        EXPECT_EQ(parsed(std::string("training: {learning_rate: ") + text + "}").number("training.learning_rate"), 2e-4) << text;
    EXPECT_EQ(parsed("training: {batch_size: 1e1}").integer("training.batch_size"), 10);
}

TEST(Recipe, TakesAliases)
{
    const Recipe recipe = parsed("training: {epochs: 2, per_device_train_batch_size: 4}\ndata: {context: 256}");

    EXPECT_EQ(recipe.number("training.num_train_epochs"), 2);
    EXPECT_EQ(recipe.integer("training.batch_size"), 4);
    EXPECT_EQ(recipe.integer("data.max_length"), 256);
    EXPECT_THAT(said("training: {epochs: 2, num_train_epochs: 3}"), HasSubstr("given twice"));
}

TEST(Recipe, KeepsTextThatLooksLikeANumber)
{
    EXPECT_EQ(parsed("name: 007").name(), "007");
    EXPECT_EQ(parsed("name: 1.10").name(), "1.10");
}

TEST(Recipe, NamesTheNearestKey)
{
    EXPECT_THAT(said("method: {lora_alhpa: 16}"), AllOf(HasSubstr("method.lora_alhpa"), HasSubstr("Did you mean method.lora_alpha?")));
    EXPECT_THAT(said("trainning: {}"), HasSubstr("Did you mean training?"));
    EXPECT_THAT(said("a:\n  b: 1\nlearning_rate: 1"), HasSubstr("2 problems"));
    EXPECT_THAT(said("data: {learning_rate: 1}"), HasSubstr("training.learning_rate"));
    EXPECT_EQ(refused("method: {lora_alhpa: 16}").code, ErrorCode::RecipeKey);
    EXPECT_THAT(refused("seed: 1\nmethod:\n  lora_alhpa: 16").message, HasSubstr("line 3"));
}

TEST(Recipe, CollectsAllProblems)
{
    const Error error = refused("method: {r: -1, type: lorra}\ntraining: {learning_rate: -1, optimizer: adamx}\nname: a b");

    const auto details = parseJson(error.details);
    ASSERT_TRUE(details);
    ASSERT_EQ(details->size(), 5u);
    EXPECT_EQ(details->at(0)["key"], "method.r");
    EXPECT_THAT(details->at(3)["hint"].get<std::string>(), HasSubstr("adamw"));
}

TEST(Recipe, SaysWhichValuesWork)
{
    EXPECT_THAT(said("method: {type: lorra}"), HasSubstr("\"lora\""));
    EXPECT_THAT(said("method: {r: sixteen}"), AllOf(HasSubstr("method.r"), HasSubstr("sixteen")));
    EXPECT_THAT(said("attune_recipe: 99"), HasSubstr("99"));
    EXPECT_THAT(said("method: {rank_pattern: {q_proj: many}}"), HasSubstr("q_proj"));
    EXPECT_THAT(said("objective: {type: classification, class_weights: {spam: many}}"), HasSubstr("spam"));
    EXPECT_THAT(said("training: 3"), HasSubstr("no map"));
    EXPECT_THAT(said("training: {learning_rate: .nan}"), HasSubstr("training.learning_rate"));
}

TEST(Recipe, RefusesWhatIsNoRecipe)
{
    std::string bomb = "a: &a [x]\n";
    for (char c = 'b'; c < 'k'; ++c) {
        bomb += std::string(1, c) + ": &" + c + " [";
        for (int i = 0; i < 10; ++i)
            bomb += std::string(i ? ", *" : "*") + static_cast<char>(c - 1);
        bomb += "]\n";
    }
    std::string blocks;
    for (int i = 0; i < 3000; ++i)
        blocks += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    std::string dashes;
    for (int i = 0; i < 100'000; ++i)
        dashes += "- ";
    const std::vector<std::string> texts {"", "# only a comment", "- a\n- b\n", "a: [b\nc: }", std::string(50'000, '['), std::string(50'000, '{'), bomb,
        blocks, dashes, "a: *b", "a: &a [*a]", "--- \na: 1\n---\nb: 2\n", std::string("\0\1\2", 3), std::string(3'000'000, 'a'), "\xff\xfe",
        "seed: 1\nseed: 2", "? [a, b]\n: 1", std::string(20'000, '&'), std::string(20'000, '!'), std::string(20'000, '?')};

    for (const auto& text : texts)
        refused(text);
}

TEST(Recipe, FollowsASmallAlias)
{
    const Recipe recipe = parsed("method:\n  rank_pattern: &p {q_proj: 8}\n  alpha_pattern: *p\n");

    EXPECT_EQ(recipe.value("method.alpha_pattern")["q_proj"], 8);
}

TEST(Recipe, SetTakesYaml)
{
    Recipe recipe;

    ASSERT_TRUE(recipe.setText("training.learning_rate", "2e-5"));
    ASSERT_TRUE(recipe.setText("method.target_modules", "q_proj, v_proj"));
    ASSERT_TRUE(recipe.setText("data.eval", "null"));
    ASSERT_TRUE(recipe.setText("training.epochs", "2"));
    ASSERT_TRUE(recipe.setText("eval.sample_prompts", "[\"Hello, you\", b]"));
    ASSERT_TRUE(recipe.setText("method.rank_pattern", "{mlp_down: 32}"));

    EXPECT_EQ(recipe.number("training.learning_rate"), 2e-5);
    EXPECT_EQ(recipe.value("method.target_modules"), Json({"q_proj", "v_proj"}));
    EXPECT_EQ(recipe.value("eval.sample_prompts")[0], "Hello, you");
    EXPECT_EQ(recipe.value("method.rank_pattern")["mlp_down"], 32);
    EXPECT_EQ(recipe.setText("method.lora_alhpa", "3").error().code, ErrorCode::RecipeKey);
    EXPECT_EQ(recipe.setText("method.r", "[").error().code, ErrorCode::RecipeValue);
    ASSERT_TRUE(recipe.setText("method.target_modules", "all-linear"));
    EXPECT_TRUE(recipe.isDefault("method.target_modules"));
}

TEST(Recipe, WritesWhatItReads)
{
    Recipe recipe = parsed("name: x-1\nmodel: {base: \"yes\", adapter: 'a: b'}\ntraining: {learning_rate: 3.3333e-5, adam_epsilon: 1e-300}\n"
                           "eval: {sample_prompts: [\"a, b: #c\", \"\\u00e9\\n\", \"12\"]}\nmethod: {target_modules: [attn_q], rank_pattern: {mlp_up: 4}}\n");

    const Recipe again = parsed(recipe.toYaml());

    EXPECT_EQ(again.toJson(), recipe.toJson());
    EXPECT_THAT(recipe.toYaml(), HasSubstr("learning_rate: 3.3333e-05"));
    EXPECT_THAT(Recipe().toYaml(), AllOf(HasSubstr("learning_rate: 2.0e-04"), HasSubstr("adam_epsilon: 1.0e-08"), HasSubstr("max_grad_norm: 1.0 ")));
}

TEST(Recipe, ShowsOnlyTheKeysOfTheChosenMethod)
{
    Recipe recipe;
    EXPECT_THAT(recipe.toYaml(), HasSubstr("lora_alpha"));
    EXPECT_EQ(recipe.methodValues()["r"], 16);

    ASSERT_TRUE(recipe.set("method.type", "full"));

    EXPECT_THAT(recipe.toYaml(), Not(HasSubstr("lora_alpha")));
    EXPECT_TRUE(recipe.methodValues().empty());
}

TEST(Recipe, PathsAreRelativeToTheRecipe)
{
    tests::TempDir folder;
    folder.write("rows.jsonl", "{}");
    const std::string path = folder.write("recipes/r.yaml", "model: {base: ../model.gguf}\ndata: {train: ../rows.jsonl, eval: gsm8k, template: t.jinja}\n");

    const auto recipe = Recipe::read(path);

    ASSERT_TRUE(recipe) << recipe.error().message;
    EXPECT_EQ(recipe->text("model.base"), folder.path("model.gguf"));
    EXPECT_EQ(recipe->text("data.train"), folder.path("rows.jsonl"));
    EXPECT_EQ(recipe->text("data.eval"), "gsm8k");
    EXPECT_EQ(recipe->text("data.template"), folder.path("recipes/t.jinja"));
    EXPECT_EQ(Recipe::read(folder.path("no.yaml")).error().code, ErrorCode::RecipeMissing);
}

// Whatever bytes come: an answer, never a crash. Mutations of a good recipe reach deeper than noise.
TEST(Recipe, SurvivesMutations)
{
    const auto text = readFile(tests::sourceDir() + "/tests/fixtures/recipes/example.yaml");
    ASSERT_TRUE(text);
    std::srand(7);
    const std::string spice = "[]{}:,&*!|>'\"%@`#-? \n\t\\\xff" "0e.~";
    for (int round = 0; round < 400; ++round) {
        std::string mutant = *text;
        for (int edit = 0; edit < 1 + round % 6; ++edit) {
            const auto at = static_cast<std::size_t>(std::rand()) % mutant.size();
            mutant[at] = spice[static_cast<std::size_t>(std::rand()) % spice.size()];
        }
        const auto recipe = Recipe::parse(mutant, "/");
        if (recipe)
            EXPECT_TRUE(Recipe::parse(recipe->toYaml(), "/")) << mutant;
        else
            EXPECT_EQ(recipe.error().exitCode(), 3);
    }
}

}
}
