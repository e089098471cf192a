// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/quantised/int8.h"
#include "model/quantised/nf4.h"
#include "tiny_model.h"

#include <gtest/gtest.h>

namespace attune::tests {
namespace {

using model::Decoder;

// What saves memory and must not change a number: layers that are computed again, and a base of codes.

void beginTraining(Decoder& model, double dropout = 0.0)
{
    torch::manual_seed(5);
    addAdapters(model, dropout);
    model.setTraining(true);
}

/// Loss and all gradients of one batch.
std::vector<torch::Tensor> stepOf(Decoder& model, const std::vector<int>& lengths = {9, 14, 5})
{
    for (const auto* parameter : model.parameters())
        parameter->grad.zero_();
    std::vector<torch::Tensor> result {model.accumulate(tinyBatch(lengths), 0.25)};
    for (const auto* parameter : model.parameters())
        result.push_back(parameter->grad.clone());
    return result;
}

class KeptLayers : public testing::TestWithParam<std::tuple<std::int64_t, double, at::ScalarType>> {};
INSTANTIATE_TEST_SUITE_P(Decoder, KeptLayers,
    testing::Combine(testing::Values<std::int64_t>(0, 1, 2, 3, 9), testing::Values(0.0, 0.3), testing::Values(at::kFloat, at::kBFloat16)));

TEST_P(KeptLayers, ChangeNoGradient)
{
    const auto [kept, dropout, type] = GetParam();
    auto spec = tinySpec();
    spec.hiddenSize = 64, spec.headDim = 16, spec.intermediateSize = 96;
    const TinyOptions options {.placement = {.stored = type, .compute = type}};
    auto all = tinyModel(spec, options), some = tinyModel(spec, options);
    beginTraining(*all, dropout);
    beginTraining(*some, dropout);
    some->setKeptLayers(kept);

    const auto wanted = stepOf(*all), first = stepOf(*some);
    ASSERT_EQ(wanted.size(), first.size());
    for (std::size_t i = 0; i < wanted.size(); ++i)
        EXPECT_TRUE(wanted[i].equal(first[i])) << i;
}

/// On a CPU the copies are made at once, but the same places take turns.
TEST_P(KeptLayers, ChangeNoGradientWithInputsOnTheHost)
{
    const auto [kept, dropout, type] = GetParam();
    auto spec = tinySpec();
    spec.layers = 6;
    const TinyOptions options {.placement = {.stored = type, .compute = type}};
    auto all = tinyModel(spec, options), some = tinyModel(spec, options);
    beginTraining(*all, dropout);
    beginTraining(*some, dropout);
    some->setKeptLayers(kept);
    some->setInputsOnHost(true);
    for (const std::vector<int>& lengths : {std::vector<int> {9, 14, 5}, {4}, {30, 30}}) {
        const auto wanted = stepOf(*all, lengths), own = stepOf(*some, lengths);
        for (std::size_t i = 0; i < wanted.size(); ++i)
            EXPECT_TRUE(wanted[i].equal(own[i])) << i;
        EXPECT_TRUE(some->lossSum(tinyBatch(lengths)).equal(all->lossSum(tinyBatch(lengths))));
    }
}

TEST(KeptLayers, ChangeNoGradientOfFullFineTuning)
{
    const TinyOptions options {.placement = {.trainsBase = true}};
    auto all = tinyModel(tinySpec(), options), some = tinyModel(tinySpec(), options);
    some->setKeptLayers(1);
    const auto wanted = stepOf(*all), own = stepOf(*some);
    for (std::size_t i = 0; i < wanted.size(); ++i)
        EXPECT_TRUE(wanted[i].equal(own[i])) << i;
}

class BegunSteps : public testing::TestWithParam<std::tuple<bool, at::ScalarType>> {};
INSTANTIATE_TEST_SUITE_P(Decoder, BegunSteps, testing::Combine(testing::Bool(), testing::Values(at::kFloat, at::kBFloat16)));

/// In full fine-tuning the first gradients of a step overwrite what the step before left, and others add.
TEST_P(BegunSteps, LeaveNothingOfTheGradientsBefore)
{
    const auto [isTied, type] = GetParam();
    auto spec = tinySpec();
    spec.tiedEmbeddings = isTied;
    spec.hiddenSize = 64, spec.headDim = 16, spec.intermediateSize = 96;
    const TinyOptions options {.placement = {.stored = type, .compute = type, .trainsBase = true}};
    auto zeroed = tinyModel(spec, options), begun = tinyModel(spec, options);
    for (const auto& lengths : {std::vector<std::vector<int>> {{9, 14, 5}, {40, 3}}, {{7}}}) {
        for (const auto* parameter : zeroed->parameters())
            parameter->grad.zero_();
        begun->beginStep();
        for (const auto& rows : lengths) {
            zeroed->accumulate(tinyBatch(rows), 0.25);
            begun->accumulate(tinyBatch(rows), 0.25);
        }
        const auto wanted = zeroed->parameters(), own = begun->parameters();
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            EXPECT_TRUE(own[i]->grad.equal(wanted[i]->grad)) << own[i]->name;
            own[i]->grad.fill_(NAN);
        }
    }
    begun->beginStep();
    begun->accumulate(model::PackedBatch(), 0.25);  // in which nothing trains
    for (const auto* parameter : begun->parameters())
        EXPECT_TRUE(parameter->grad.eq(0).all().item<bool>()) << parameter->name;
}

/// On a CPU nothing is recorded, but the rounded shapes are the same.
TEST(RecordedSteps, ChangeNoGradient)
{
    auto plain = tinyModel(), rounded = tinyModel();
    beginTraining(*plain);
    beginTraining(*rounded);
    rounded->setRecording(true);
    for (const std::vector<int>& lengths : {std::vector<int> {9, 14, 5}, {60}, {9, 14, 5}, {3, 3, 20, 40, 2}}) {
        const auto wanted = stepOf(*plain, lengths), own = stepOf(*rounded, lengths);
        for (std::size_t i = 0; i < wanted.size(); ++i)
            EXPECT_LT((own[i] - wanted[i]).norm().item<double>(), 1e-6 * (1 + wanted[i].norm().item<double>())) << i;
    }
}

class QuantisedBase : public testing::TestWithParam<Quantise> {};
INSTANTIATE_TEST_SUITE_P(Decoder, QuantisedBase, testing::Values(model::nf4Source, model::int8Source), [](const auto& parameter) { return parameter.index == 0 ? "nf4" : "int8"; });

TEST_P(QuantisedBase, TrainsAsItsValuesDo)
{
    auto spec = tinySpec();
    spec.tiedEmbeddings = false;
    spec.hiddenSize = 64, spec.headDim = 16, spec.intermediateSize = 128;
    auto codes = quantisedModel(spec, GetParam(), Base::Codes), values = quantisedModel(spec, GetParam(), Base::Values);
    beginTraining(*codes);
    beginTraining(*values);

    const auto own = stepOf(*codes), wanted = stepOf(*values);
    for (std::size_t i = 0; i < wanted.size(); ++i)
        EXPECT_TRUE(own[i].equal(wanted[i])) << i;
    const std::vector<std::int32_t> ids {1, 7, 3, 60, 2};
    EXPECT_TRUE(codes->logits(ids).equal(values->logits(ids)));
    for (const char* name : {"model.layers.1.mlp.down_proj.weight", "model.layers.0.self_attn.k_proj.weight", "model.embed_tokens.weight"})
        EXPECT_TRUE(codes->mergedWeight(name).equal(values->mergedWeight(name))) << name;
}

TEST_P(QuantisedBase, TellsOfASourceThatFails)
{
    const auto spec = tinySpec();
    const model::GiveSource source = [](const families::TensorSlot& slot) -> Result<std::shared_ptr<const model::WeightSource>> {
        return fail(ErrorCode::ModelCorrupt, slot.name + " is cut off.");
    };
    const auto read = [](const families::TensorSlot& slot) -> Result<at::Tensor> { return slot.isOptional ? at::Tensor() : torch::zeros(slot.shape); };
    const auto model = Decoder::build(spec, families::findById("llama")->tensors(spec), {}, read, JobContext {}, source);
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().message, "model.layers.0.self_attn.q_proj.weight is cut off.");
}

}
}
