// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/presets.h"

#include "methods/method.h"
#include "pipeline/objective.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace attune::pipeline {
namespace {

using families::Architecture;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class EveryPreset : public testing::TestWithParam<const Preset*> {};

std::vector<const Preset*> all()
{
    std::vector<const Preset*> result;
    for (const auto& preset : presets())
        result.push_back(&preset);
    return result;
}

}

TEST_P(EveryPreset, IsWrittenForPeople)
{
    const Preset& preset = *GetParam();
    EXPECT_GT(preset.name.size(), 8u);
    EXPECT_TRUE(preset.sentence.ends_with('.')) << preset.sentence;
    EXPECT_LT(preset.sentence.size(), 140u) << "one line in the list";
    EXPECT_THAT(preset.name, Not(HasSubstr("!")));
}

TEST_P(EveryPreset, SetsWhatPresetsMaySet)
{
    const Preset& preset = *GetParam();
    for (const auto& key : preset.keys) {
        const Option* option = recipeSchema().find(key);
        ASSERT_NE(option, nullptr) << key;
        EXPECT_FALSE(isOwnKey(key)) << key << " is a user's own";
        EXPECT_TRUE(preset.recipe.isVisible(*option)) << key << " has no effect with the preset's method and objective";
    }
}

TEST_P(EveryPreset, ChoosesWhatThisVersionCanDo)
{
    const Preset& preset = *GetParam();
    for (const auto& option : recipeSchema().options())
        for (const auto& choice : option.choices) {
            if (option.type == OptionType::Choice && choice.value == preset.recipe.text(option.key)) {
                EXPECT_TRUE(choice.isAvailable) << option.key << ": " << choice.value;
            }
        }
    const auto* rules = findObjective(preset.recipe.text("objective.type"));
    ASSERT_NE(rules, nullptr);
    for (const auto kind : preset.kinds)
        EXPECT_THAT(rules->architectures, Contains(kind)) << "the objective cannot train such a model";
    for (const auto& metric : preset.recipe.value("eval.metrics"))
        EXPECT_THAT(rules->metrics, Contains(metric.get<std::string>()));
    const auto* method = methods::findById(preset.recipe.text("method.type"));
    ASSERT_NE(method, nullptr);
    EXPECT_TRUE(method->canQuantise || preset.recipe.text("model.quantization") == "none");
}

TEST_P(EveryPreset, NamesFamiliesThatExist)
{
    static const std::set<std::string> toCome {"modernbert"};  // encoders are families of their own
    for (const auto& family : GetParam()->families)
        EXPECT_TRUE(families::findById(family) || toCome.contains(family)) << family;
}

TEST_P(EveryPreset, SurvivesBeingSavedAndRead)
{
    const auto again = Recipe::parse(GetParam()->recipe.toYaml(), {});
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_THAT(changedKeys(GetParam()->recipe, *again), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All, EveryPreset, testing::ValuesIn(all()), [](const auto& preset) {
    std::string name = preset.param->id;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

TEST(Presets, HaveDifferentNames)
{
    std::set<std::string> ids, names;
    for (const auto& preset : presets()) {
        EXPECT_TRUE(ids.insert(preset.id).second) << preset.id;
        EXPECT_TRUE(names.insert(preset.name).second) << preset.name;
    }
}

TEST(Presets, CoverEveryMethodAndObjective)
{
    std::set<std::string> methods, objectives, weights;
    for (const auto& preset : presets()) {
        methods.insert(preset.recipe.text("method.type"));
        objectives.insert(preset.recipe.text("objective.type"));
        weights.insert(preset.recipe.text("model.quantization"));
    }
    for (const auto* method : methods::all())
        EXPECT_TRUE(methods.contains(method->id)) << method->id;
    for (const auto& rules : objectiveRules())
        EXPECT_TRUE(objectives.contains(rules.id)) << rules.id;
    EXPECT_THAT(weights, ElementsAre("int8", "keep", "nf4", "none"));
}

TEST(Presets, SuitEveryFamilyThatCanBeTrained)
{
    for (const auto* family : families::all()) {
        int count = 0;
        for (const auto& preset : presets())
            for (const auto kind : {Architecture::Decoder, Architecture::Encoder, Architecture::EncoderDecoder})
                count += preset.suits(kind, family->id, 500'000'000);
        EXPECT_GT(count, 3) << family->id;
    }
}

TEST(Presets, TheFirstIsWhatAnEmptyRecipeHas)
{
    EXPECT_EQ(presets().front().id, "small-chat-lora");
    EXPECT_THAT(changedKeys(presets().front().recipe, Recipe()), IsEmpty());
}

TEST(Presets, LeaveAloneWhatIsTheUsersOwn)
{
    Recipe mine;
    ASSERT_TRUE(mine.set("name", "support-bot"));
    ASSERT_TRUE(mine.set("model.base", "tiny"));
    ASSERT_TRUE(mine.set("data.train", "tickets"));
    ASSERT_TRUE(mine.set("training.learning_rate", 0.5));
    const auto preset = findPreset("classify-encoder");
    ASSERT_TRUE(preset);
    const Recipe applied = (*preset)->applyTo(mine);
    EXPECT_EQ(applied.name(), "support-bot");
    EXPECT_EQ(applied.text("model.base"), "tiny");
    EXPECT_EQ(applied.text("data.train"), "tickets");
    EXPECT_EQ(applied.number("training.learning_rate"), 5e-5);
    EXPECT_EQ(applied.text("objective.type"), "classification");
}

TEST(Presets, CountWhatWasChanged)
{
    const auto preset = findPreset("small-chat-lora");
    ASSERT_TRUE(preset);
    Recipe recipe = (*preset)->recipe;
    ASSERT_TRUE(recipe.set("training.learning_rate", 1e-3));
    ASSERT_TRUE(recipe.set("method.num_virtual_tokens", 7));
    EXPECT_THAT(changedKeys((*preset)->recipe, recipe), ElementsAre("training.learning_rate")) << "a setting of another method does not count";
}

TEST(Presets, SayWhichIsMeant)
{
    const auto missing = findPreset("small-chat-lore");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().exitCode(), 2);
    EXPECT_THAT(missing.error().hint, HasSubstr("small-chat-lora"));
}

TEST(Presets, RefuseAFileThatIsNone)
{
    EXPECT_FALSE(parsePreset("x", "preset: X\n"));
    EXPECT_FALSE(parsePreset("x", "preset: X\nsentence: Y.\nkinds: [decoder]\nrecipe: {method: {rr: 3}}\n"));
    EXPECT_FALSE(parsePreset("x", "preset: X\nsentence: Y.\nkinds: [robot]\nrecipe: {method: {r: 3}}\n"));
    EXPECT_FALSE(parsePreset("x", "preset: X\nsentence: Y.\nkinds: [decoder]\ncolour: red\nrecipe: {method: {r: 3}}\n"));
    EXPECT_TRUE(parsePreset("x", "preset: X\nsentence: Y.\nkinds: [decoder]\nrecipe: {method: {r: 3}}\n"));
}

}
