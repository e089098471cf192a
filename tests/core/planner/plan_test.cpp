// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/plan.h"

#include "families/family.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace attune::planner {
namespace {

using testing::HasSubstr;

/// SmolLM2-135M by its config; no file is needed.
families::ModelSource smol()
{
    families::ModelSource model;
    model.name = "smol";
    model.family = families::findById("llama");
    auto& s = model.spec;
    s.family = "llama";
    s.layers = 30, s.hiddenSize = 576, s.intermediateSize = 1536, s.heads = 9, s.kvHeads = 3, s.headDim = 64, s.vocabSize = 49152;
    s.contextLength = 8192;
    s.tiedEmbeddings = true;
    model.parameters = families::parameterCount(model.family->tensors(s));
    model.isTrainable = true;
    return model;
}

PlanInput input()
{
    PlanInput in;
    in.methodValues = Json {{"r", 16}, {"target_modules", "all-linear"}};
    in.dtype = "bfloat16";
    in.availableBytes = 64LL << 30;
    return in;
}

std::int64_t estimate(const PlanInput& in)
{
    const auto plan = planMemory(smol(), in);
    EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
    return plan ? plan->estimateBytes() : 0;
}

TEST(MemoryPlan, CountsTheWeightsOfTheModel)
{
    EXPECT_EQ(smol().parameters, 134'515'008);  // the published count
    PlanInput in = input();
    in.dtype = "float32";

    EXPECT_EQ(planMemory(smol(), in)->weights, 4 * 134'515'008LL);
}

TEST(MemoryPlan, CountsTheAdapterAsPeftDoes)
{
    // r (in + out) over q, k, v, o, gate, up, down of 30 layers: 30 * 16 * (1152 + 2 * 768 + 1152 + 3 * 2112).
    EXPECT_EQ(planMemory(smol(), input())->trainableParameters, 4'884'480);
}

TEST(MemoryPlan, GrowsWithEverythingThatIsMore)
{
    const std::int64_t base = estimate(input());
    for (const auto& change : std::vector<std::function<void(PlanInput&)>> {
             [](PlanInput& in) { in.batchSize *= 4; }, [](PlanInput& in) { in.maxLength *= 4; }, [](PlanInput& in) { in.methodValues["r"] = 128; },
             [](PlanInput& in) { in.accumulation = 64; }, [](PlanInput& in) { in.dtype = "float32"; }, [](PlanInput& in) { in.method = "full"; },
             [](PlanInput& in) { in.methodValues["lora_dropout"] = 0.1; }}) {
        PlanInput more = input();
        change(more);
        EXPECT_GT(estimate(more), base);
    }
    PlanInput less = input();
    less.optimizer = "sgd";
    EXPECT_LT(estimate(less), base);
}

TEST(MemoryPlan, CountsTheStateOfTheOptimizer)
{
    PlanInput in = input();
    in.method = "full";
    in.methodValues = Json::object();
    const auto stateOf = [&](const char* optimizer) {
        in.optimizer = optimizer;
        const auto plan = planMemory(smol(), in);
        EXPECT_EQ(plan->optimizer, plan->trainableParameters * 4 + plan->stateBytes) << optimizer;
        return static_cast<double>(plan->stateBytes) / static_cast<double>(plan->trainableParameters);
    };

    EXPECT_EQ(stateOf("adamw"), 8);
    EXPECT_NEAR(stateOf("adamw_8bit"), 2.03, 0.01);
    EXPECT_EQ(stateOf("lion"), 4);
    EXPECT_LT(stateOf("adafactor"), 0.02);
    EXPECT_EQ(stateOf("sgd"), 0);
}

TEST(MemoryPlan, SuggestsTheLighterOptimizer)
{
    PlanInput in = input();
    in.method = "full";
    in.methodValues = Json::object();
    in.availableBytes = 1LL << 30;

    const auto plan = planMemory(smol(), in);

    const auto it = std::ranges::find(plan->suggestions, "training.optimizer", &MemoryPlan::Suggestion::key);
    ASSERT_NE(it, plan->suggestions.end());
    EXPECT_EQ(it->value, "adamw_8bit");
    EXPECT_GT(it->savesBytes, 5 * plan->trainableParameters);
}

TEST(MemoryPlan, ShrinksWithTheBitsOfAFrozenBase)
{
    std::int64_t before = estimate(input());
    for (const char* quantization : {"int8", "nf4"}) {
        PlanInput in = input();
        in.quantization = quantization;
        const std::int64_t now = estimate(in);
        EXPECT_LT(now, before) << quantization;
        before = now;
    }
}

TEST(MemoryPlan, KnowsThatLayersAreComputedAgainWhereTheTapeWouldBeLarge)
{
    PlanInput in = input();
    in.method = "ia3";
    in.methodValues = Json::object();
    const auto automatic = planMemory(smol(), in)->activations;
    in.gradientCheckpointing = "false";
    EXPECT_GT(planMemory(smol(), in)->activations, 2 * automatic);
    in.gradientCheckpointing = "true";
    EXPECT_EQ(planMemory(smol(), in)->activations, automatic);
}

TEST(MemoryPlan, TakesSmallerPiecesBeforeGivingUp)
{
    PlanInput in = input();
    const auto roomy = planMemory(smol(), in);
    in.availableBytes = roomy->estimateBytes() - (100 << 20);

    const auto tight = planMemory(smol(), in);

    EXPECT_LT(tight->pieceTokens, roomy->pieceTokens);
    EXPECT_TRUE(tight->fits());
}

TEST(MemoryPlan, ComputesLayersAgainBeforeItGivesUp)
{
    PlanInput in = input();
    in.maxLength = 8192;
    const auto roomy = planMemory(smol(), in);
    EXPECT_EQ(roomy->keptLayers, smol().spec.layers);
    in.availableBytes = roomy->estimateBytes() - (1LL << 30);

    const auto tight = planMemory(smol(), in);
    EXPECT_TRUE(tight->fits());
    EXPECT_GT(tight->keptLayers, 0);
    EXPECT_LT(tight->keptLayers, roomy->keptLayers);
    in.gradientCheckpointing = "false";
    EXPECT_FALSE(planMemory(smol(), in)->fits());
    in.gradientCheckpointing = "true";
    EXPECT_EQ(planMemory(smol(), in)->keptLayers, 0);
}

TEST(MemoryPlan, SendsTheInputsOfLayersToTheHostBeforePiecesOnACardBecomeSmall)
{
    PlanInput in = input();
    in.device = "cuda";
    in.maxLength = 2048;
    in.gradientCheckpointing = "true";
    const auto roomy = planMemory(smol(), in);
    EXPECT_FALSE(roomy->inputsOnHost);
    in.availableBytes = 1;
    const auto least = planMemory(smol(), in);
    EXPECT_TRUE(least->inputsOnHost);
    EXPECT_EQ(least->keptLayers, 0);

    in.availableBytes = least->estimateBytes() + (1 << 20);
    const auto tight = planMemory(smol(), in);
    EXPECT_TRUE(tight->fits());
    EXPECT_TRUE(tight->inputsOnHost);
    in.device = "cpu";
    EXPECT_FALSE(planMemory(smol(), in)->inputsOnHost);
}

TEST(MemoryPlan, CountsAFloat32WeightOnceWhereBfloat16CanHoldIt)
{
    PlanInput in = input();
    in.dtype = "float32";
    auto model = smol();
    const auto plain = planMemory(model, in);
    model.storedType = "bfloat16";
    const auto ordered = planMemory(model, in);
    const auto head = cpuHasTiles() ? 4 * model.spec.vocabSize * model.spec.hiddenSize : 0;
    EXPECT_EQ(ordered->weights, plain->weights + head);  // of the output layer both copies lie beside it
}

TEST(MemoryPlan, SuggestsWhatWouldFitAndKeepsItsPromise)
{
    PlanInput in = input();
    in.maxLength = 8192;
    in.dtype = "float32";
    in.availableBytes = 3LL << 29;  // too little even with layers computed again
    const auto plan = planMemory(smol(), in);
    ASSERT_FALSE(plan->fits());
    ASSERT_FALSE(plan->suggestions.empty());

    bool isHelped = false;
    for (const auto& suggestion : plan->suggestions) {
        PlanInput changed = in;
        if (suggestion.key == "data.max_length")
            changed.maxLength = suggestion.value.get<std::int64_t>();
        else if (suggestion.key == "model.dtype")
            changed.dtype = suggestion.value.get<std::string>();
        else
            continue;
        EXPECT_EQ(plan->estimateBytes() - estimate(changed), suggestion.savesBytes) << suggestion.text;
        EXPECT_EQ(planMemory(smol(), changed)->fits(), suggestion.text.find("then it fits") != std::string::npos) << suggestion.text;
        isHelped |= planMemory(smol(), changed)->fits();
    }

    EXPECT_TRUE(isHelped);
}

TEST(MemoryPlan, AlwaysHasAnAnswerWhenNothingFits)
{
    PlanInput in = input();
    in.availableBytes = 1;

    const auto plan = planMemory(smol(), in);

    EXPECT_FALSE(plan->fits());
    EXPECT_FALSE(plan->suggestions.empty());
    EXPECT_THAT(plan->suggestions.back().text, HasSubstr("smaller model"));
}

TEST(MemoryPlan, LearnsFromWhatWasMeasured)
{
    PlanInput in = input();
    const std::int64_t base = estimate(in);
    in.correction = 1.2;

    const auto plan = planMemory(smol(), in);

    EXPECT_NEAR(static_cast<double>(plan->estimateBytes()), 1.2 * static_cast<double>(base), 1e6);
    const Json json = plan->toJson();
    std::int64_t sum = 0;
    for (const auto& part : json["parts"])
        sum += part.get<std::int64_t>();
    EXPECT_EQ(sum, json["estimate_bytes"]);
}

TEST(MemoryPlan, NamesATargetThatIsNotThere)
{
    PlanInput in = input();
    in.methodValues["target_modules"] = {"q_prj"};

    const auto plan = planMemory(smol(), in);

    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().code, ErrorCode::RecipeValue);
    EXPECT_THAT(plan.error().hint, HasSubstr("q_proj"));
}

// Values from Transformers' Trainer: set_initial_training_values and get_warmup_steps (formats.md §6.2).
TEST(StepPlan, CountsAsTheTrainerDoes)
{
    struct Case { std::int64_t batches, accumulation; double epochs; std::int64_t maxSteps; double ratio; std::int64_t warmup, steps, warmupSteps; };
    for (const Case& c : {Case {10, 1, 3, -1, 0.03, 0, 30, 1}, {10, 4, 3, -1, 0.1, 0, 9, 1}, {3, 8, 2, -1, 0.0, 0, 2, 0}, {10, 1, 2.5, -1, 0.0, 0, 25, 0},
             {10, 3, 0.1, -1, 0.5, 0, 1, 1}, {10, 1, 3, 7, 0.03, 0, 7, 1}, {100, 1, 1, -1, 0.5, 3, 100, 3}, {1, 1, 1, -1, 0.0, 0, 1, 0}}) {
        const auto plan = planSteps(c.batches, c.accumulation, c.epochs, c.maxSteps, c.ratio, c.warmup);
        EXPECT_EQ(plan.steps, c.steps);
        EXPECT_EQ(plan.warmupSteps, c.warmupSteps);
    }
}

TEST(Machine, HasMemory)
{
    EXPECT_GT(availableMemoryBytes(), 64 << 20);
}

}
}
