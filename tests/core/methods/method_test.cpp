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
        {.name = "model.layers.0.self_attn.q_proj.bias", .ggufName = "", .shape = {8}, .role = Role::AttnQuery, .layer = 0, .isLinear = false},
        {.name = "model.layers.0.input_layernorm.weight", .ggufName = "", .shape = {8}, .role = Role::Norm, .layer = 0, .isLinear = false},
        {.name = "model.layers.0.mlp.down_proj.weight", .ggufName = "", .shape = {8, 32}, .role = Role::MlpDown, .layer = 0, .isLinear = true},
        {.name = "lm_head.weight", .ggufName = "", .shape = {100, 8}, .role = Role::LmHead, .layer = -1, .isLinear = true}};
}

families::ModelSpec spec()
{
    families::ModelSpec spec;
    spec.family = "llama";
    spec.layers = 1;
    spec.hiddenSize = 8;
    spec.intermediateSize = 32;
    spec.heads = 2;
    spec.kvHeads = 1;
    spec.headDim = 4;
    spec.vocabSize = 100;
    return spec;
}

Json defaults(const Method& method, const Json& changes = Json::object())
{
    Json values = Json::object();
    for (const auto& option : method.options)
        values[option.name()] = option.defaultValue;
    if (changes.is_object())
        values.update(changes);
    return values;
}

Json lora(const Json& changes = Json::object())
{
    return defaults(*findById("lora"), changes);
}

class EveryMethod : public testing::TestWithParam<const Method*> {};

TEST_P(EveryMethod, IsComplete)
{
    const Method& method = *GetParam();

    EXPECT_EQ(findById(method.id), &method);
    EXPECT_TRUE(method.trainedShapes && method.canBecome);
    EXPECT_GT(method.trainableParameters(spec(), slots(), defaults(method)), 0);
    EXPECT_TRUE(method.sentence.ends_with('.'));
    EXPECT_TRUE(method.canBecome(spec(), defaults(method)).ends_with('.'));
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

    EXPECT_EQ(method.trainableParameters(spec(), slots(), lora({{"r", 4}})), 4 * (8 + 8) + 4 * (8 + 32));
    EXPECT_EQ(method.trainableParameters(spec(), slots(), lora({{"r", 4}, {"rank_pattern", {{"mlp_down", 2}}}})), 4 * 16 + 2 * 40);
    EXPECT_EQ(method.trainableParameters(spec(), slots(), lora({{"r", 4}, {"rank_pattern", {{".*\\.down_.*", 2}}}})), 4 * 16 + 2 * 40);
    EXPECT_EQ(method.trainableParameters(spec(), slots(), lora({{"r", 4}, {"modules_to_save", {"lm_head", "q_proj"}}})), 4 * 40 + 800 + 64 + 8);  // q_proj with its bias
}

TEST(EveryMethod, SaysBeforeLoadingWhatCannotBe)
{
    auto model = spec();
    const auto check = [&](const char* id, const Json& changes, auto list) { return findById(id)->check(model, list, defaults(*findById(id), changes)); };

    EXPECT_TRUE(check("bitfit", {}, slots()));
    auto withoutBias = slots();
    std::erase_if(withoutBias, [](const TensorSlot& slot) { return slot.name.ends_with(".bias"); });
    EXPECT_EQ(check("bitfit", {}, withoutBias).error().code, ErrorCode::RecipeConflict);
    EXPECT_FALSE(check("lora", {{"modules_to_save", {"nothing"}}}, slots()));
    EXPECT_FALSE(check("freeze", {{"train_layers", 5}}, slots()));
    EXPECT_FALSE(check("prompt", {{"init", "text"}}, slots()));
    EXPECT_FALSE(check("bottleneck", {{"reduction_factor", 100}}, slots()));
    EXPECT_TRUE(check("prefix", {}, slots()));
    model.kind = families::Architecture::Encoder;
    EXPECT_EQ(check("prefix", {}, slots()).error().code, ErrorCode::RecipeConflict);
}

TEST(CheckMethod, TakesOnlyAnAdapterOnAQuantisedBase)
{
    families::ModelSource model;
    model.family = families::findById("llama");
    model.spec = spec();
    model.format = families::ModelFormat::HfFolder;

    EXPECT_EQ(checkMethod(model, "full", {}, "nf4").error().code, ErrorCode::RecipeConflict);
    EXPECT_EQ(checkMethod(model, "lora", lora(), "keep").error().code, ErrorCode::RecipeConflict);  // no GGUF file
    EXPECT_TRUE(checkMethod(model, "lora", lora(), "nf4"));
    EXPECT_FALSE(checkMethod(model, "lora", lora({{"target_modules", {"no_such"}}}), "none"));
    EXPECT_FALSE(checkMethod(model, "magic", {}, "none"));
}

TEST(Lora, ABrokenPatternMatchesNothing)
{
    EXPECT_EQ(rankOf(slots()[1], lora({{"r", 4}, {"rank_pattern", {{"(((", 2}, {"*", 3}}}})), 4);
    EXPECT_EQ(alphaOf(slots()[1], lora({{"alpha_pattern", {{"q_proj", 5.5}}}})), 5.5);
}

}
}
