// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/device.h"
#include "model/launch_graph.h"
#include "model/quantised/int8.h"
#include "model/quantised/nf4.h"
#include "tiny_model.h"

#include <gtest/gtest.h>

namespace attune::tests {
namespace {

using model::Decoder;

/// The decoder on a card beside itself on the CPU or launched kernel by kernel. Skipped where there is none.
class DecoderOnCard : public testing::Test
{
protected:
    void SetUp() override
    {
        if (!model::resolveDevice("cuda"))
            GTEST_SKIP() << "no CUDA card here";
    }
};

families::ModelSpec cardSpec()
{
    auto spec = tinySpec();
    spec.hiddenSize = 128, spec.headDim = 32, spec.intermediateSize = 192, spec.tiedEmbeddings = false;
    return spec;
}

void beginTraining(Decoder& model)
{
    torch::manual_seed(5);
    addAdapters(model, 0.0, 8);
    model.setTraining(true);
}

std::unique_ptr<Decoder> onCard(const families::ModelSpec& spec, at::ScalarType type)
{
    auto model = tinyModel(spec, {.placement = {at::Device(at::kCUDA, 0), type, type, false}});
    beginTraining(*model);
    return model;
}

/// Losses of some steps of plain gradient descent over batches of two shapes, and the last gradients.
std::vector<torch::Tensor> train(Decoder& model, int steps)
{
    std::vector<torch::Tensor> result;
    for (int step = 0; step < steps; ++step) {
        for (const auto* parameter : model.parameters())
            parameter->grad.zero_();
        const auto batch = step % 3 == 2 ? tinyBatch({90, 33}, 61, 7) : tinyBatch({40, 61, 30, 9 + step}, 61, 9);
        result.push_back(model.accumulate(batch, 1.0 / 64).to(torch::kCPU, torch::kDouble));
        for (auto* parameter : model.parameters())
            parameter->value.sub_(0.05 * parameter->grad);
        model.parametersChanged();
    }
    for (const auto* parameter : model.parameters())
        result.push_back(parameter->grad.to(torch::kCPU, torch::kDouble));
    return result;
}

void expectNear(const std::vector<torch::Tensor>& own, const std::vector<torch::Tensor>& wanted, double tolerance)
{
    ASSERT_EQ(own.size(), wanted.size());
    for (std::size_t i = 0; i < own.size(); ++i)
        EXPECT_LT(((own[i] - wanted[i]).norm() / (wanted[i].norm() + 1e-9)).item<double>(), tolerance) << i;
}

TEST_F(DecoderOnCard, RepeatsRecordedStepsAsItLaunchesThem)
{
    ASSERT_TRUE(model::LaunchGraph::isAvailable());
    auto recorded = onCard(cardSpec(), at::kBFloat16), launched = onCard(cardSpec(), at::kBFloat16);
    launched->setRecording(false);
    expectNear(train(*recorded, 14), train(*launched, 14), 0.02);
}

/// A recording that CUDA refuses leaves nothing behind: what comes after it may draw random numbers and be recorded.
TEST_F(DecoderOnCard, GivesUpARecordingCleanly)
{
    const auto values = torch::ones({4}, torch::kCUDA);
    EXPECT_FALSE(model::LaunchGraph::record([&] { (void)values.sum().item<float>(); }, "A step that waits for its result"));
    EXPECT_EQ(torch::rand({3}, torch::kCUDA).cpu().lt(1).sum().item<std::int64_t>(), 3);
    auto sum = torch::zeros({4}, torch::kCUDA);
    const auto graph = model::LaunchGraph::record([&] { sum.add_(values); }, "A sum");
    ASSERT_TRUE(graph);
    graph->replay();
    graph->replay();
    EXPECT_EQ(sum.sum().item<float>(), 8);
}

TEST_F(DecoderOnCard, TrainsInFloat32AsOnTheCpu)
{
    auto card = onCard(cardSpec(), at::kFloat), cpu = tinyModel(cardSpec());
    beginTraining(*cpu);
    // On tile units the CPU's products of a training step have 17 bits.
    expectNear(train(*card, 4), train(*cpu, 4), 2e-3);
}

TEST_F(DecoderOnCard, ComputesLayersAgainWithTheSameResult)
{
    auto again = onCard(cardSpec(), at::kBFloat16), kept = onCard(cardSpec(), at::kBFloat16);
    again->setKeptLayers(1);
    expectNear(train(*again, 9), train(*kept, 9), 0.02);
}

TEST_F(DecoderOnCard, TrainsOnQuantisedWeightsWithTheEmbeddingOnTheHost)
{
    for (const auto quantise : {model::nf4Source, model::int8Source}) {
        const auto build = [&](at::Device device, at::ScalarType type) {
            auto model = quantisedModel(cardSpec(), quantise, Base::Codes, {device, type, type, false});
            beginTraining(*model);
            return model;
        };
        auto cpu = build(at::kCPU, at::kFloat), card = build(at::Device(at::kCUDA, 0), at::kFloat), half = build(at::Device(at::kCUDA, 0), at::kBFloat16);
        const auto wanted = train(*cpu, 7);
        expectNear(train(*card, 7), wanted, 3e-3);
        const auto rounded = train(*half, 7);
        for (std::size_t step = 0; step < 7; ++step)
            EXPECT_NEAR(rounded[step].item<double>(), wanted[step].item<double>(), 0.02 * wanted[step].item<double>()) << step;
    }
}

}
}
