// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/method.h"

#include "families/family.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace attune::methods {
namespace {

using families::Role;
using families::TensorSlot;

std::vector<TensorSlot> slots()
{
    return {{.name = "model.embed_tokens.weight", .ggufName = "token_embd.weight", .shape = {100, 8}, .role = Role::Embedding, .layer = -1, .isLinear = false},
        {.name = "model.layers.0.self_attn.q_proj.weight", .ggufName = "", .shape = {8, 8}, .role = Role::AttnQuery, .layer = 0, .isLinear = true},
        {.name = "model.layers.0.mlp.down_proj.weight", .ggufName = "", .shape = {8, 32}, .role = Role::MlpDown, .layer = 0, .isLinear = true},
        {.name = "lm_head.weight", .ggufName = "", .shape = {100, 8}, .role = Role::LmHead, .layer = -1, .isLinear = true}};
}

Json lora(Json changes = Json::object())
{
    Json values = Json::object();
    for (const auto& option : findById("lora")->options)
        values[option.name()] = option.defaultValue;
    values.update(changes);
    return values;
}

class EveryMethod : public testing::TestWithParam<const Method*> {};

TEST_P(EveryMethod, IsComplete)
{
    const Method& method = *GetParam();

    EXPECT_EQ(findById(method.id), &method);
    EXPECT_TRUE(method.trainableParameters && method.canBecome);
    EXPECT_GT(method.trainableParameters(slots(), lora()), 0);
    EXPECT_TRUE(method.sentence.ends_with('.'));
    EXPECT_TRUE(method.canBecome({}).ends_with('.'));
    EXPECT_FALSE(method.displayName.empty() || method.reference.empty());
    for (const auto& option : method.options)
        EXPECT_TRUE(option.key.starts_with("method.")) << option.key;
}

INSTANTIATE_TEST_SUITE_P(Methods, EveryMethod, testing::ValuesIn(all().begin(), all().end()), [](const auto& parameter) { return parameter.param->id; });

TEST(TargetSlots, AllLinearLeavesOutHeadAndEmbedding)
{
    const auto chosen = targetSlots(slots(), "all-linear");

    ASSERT_EQ(chosen->size(), 2u);
    EXPECT_EQ(chosen->at(0).role, Role::AttnQuery);
}

TEST(TargetSlots, TakesRolesNamesAndPaths)
{
    for (const char* name : {"attn_q", "q_proj", "self_attn.q_proj", "model.layers.0.self_attn.q_proj"}) {
        const auto chosen = targetSlots(slots(), Json::array({name}));
        ASSERT_TRUE(chosen) << name;
        EXPECT_EQ(chosen->size(), 1u) << name;
    }
    EXPECT_FALSE(targetSlots(slots(), Json::array({"proj"})));  // no part of a name
    EXPECT_FALSE(targetSlots(slots(), Json::array()));
    EXPECT_THAT(targetSlots(slots(), Json::array({"q_proj", "down_prj"})).error().hint, testing::HasSubstr("down_proj"));
}

TEST(Lora, CountsWhatItTrains)
{
    const Method& method = *findById("lora");

    EXPECT_EQ(method.trainableParameters(slots(), lora({{"r", 4}})), 4 * (8 + 8) + 4 * (8 + 32));
    EXPECT_EQ(method.trainableParameters(slots(), lora({{"r", 4}, {"rank_pattern", {{"mlp_down", 2}}}})), 4 * 16 + 2 * 40);
    EXPECT_EQ(method.trainableParameters(slots(), lora({{"r", 4}, {"rank_pattern", {{".*\\.down_.*", 2}}}})), 4 * 16 + 2 * 40);
    EXPECT_EQ(method.trainableParameters(slots(), lora({{"r", 4}, {"modules_to_save", {"lm_head", "q_proj"}}})), 4 * 40 + 800 + 64);
}

TEST(Lora, ABrokenPatternMatchesNothing)
{
    EXPECT_EQ(rankOf(slots()[1], lora({{"r", 4}, {"rank_pattern", {{"(((", 2}, {"*", 3}}}})), 4);
    EXPECT_EQ(alphaOf(slots()[1], lora({{"alpha_pattern", {{"q_proj", 5.5}}}})), 5.5);
}

}
}
