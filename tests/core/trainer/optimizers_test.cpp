// SPDX-License-Identifier: GPL-3.0-or-later
// What every optimizer must do, and three of them beside bitsandbytes and Transformers; see tests/golden/optimizers/make.py.
#include "formats/safetensors.h"
#include "model/device.h"
#include "planner/optimizer.h"
#include "support/paths.h"
#include "trainer/checkpoint.h"
#include "trainer/clip.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace attune::trainer {
namespace {

constexpr std::int64_t kRows = 48, kColumns = 130;  // more than 4096 values, and the last block of 256 is a part

/// A matrix that decays and a bias that does not.
struct Layer {
    model::Parameter weight, bias;
    std::unique_ptr<Optimizer> optimizer;

    explicit Layer(const std::string& id, OptimizerOptions options = {}, at::Device device = at::kCPU)
    {
        torch::manual_seed(3);
        weight = {"layer.weight", torch::randn({kRows, kColumns}).to(device), torch::zeros({kRows, kColumns}).to(device), true, 1.0};
        bias = {"layer.bias", torch::randn({kRows}).to(device), torch::zeros({kRows}).to(device), false, 1.0};
        optimizer = findOptimizer(id)->make({&weight, &bias}, options);
    }
    at::Tensor foundInf(bool isFound = false) const { return torch::full({}, isFound ? 1.0f : 0.0f).to(weight.value.device()); }
    void setGradients(std::int64_t step)
    {
        torch::manual_seed(100 + static_cast<std::uint64_t>(step));
        weight.grad.copy_(torch::randn({kRows, kColumns}));
        bias.grad.copy_(torch::randn({kRows}));
    }
    void step(std::int64_t number, double rate = 0.01)
    {
        setGradients(number);
        optimizer->setStep(number);
        optimizer->step(rate, foundInf());
    }
    NamedTensors copy() const
    {
        NamedTensors all = optimizer->state();
        all.emplace_back("weight", weight.value);
        all.emplace_back("bias", bias.value);
        return copyToHost(all);
    }
};

void expectEqual(const NamedTensors& a, const NamedTensors& b)
{
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        EXPECT_TRUE(torch::equal(a[i].second, b[i].second)) << a[i].first;
}

std::vector<std::string> ids()
{
    std::vector<std::string> result;
    for (const auto* kind : optimizers())
        result.push_back(kind->id);
    return result;
}

class EveryOptimizer : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(All, EveryOptimizer, testing::ValuesIn(ids()), [](const auto& instance) { return instance.param; });

}

TEST(Optimizers, AreThoseThatThePlannerKnows)
{
    std::vector<std::string> known;
    for (const auto* facts : planner::optimizerFacts())
        known.push_back(facts->id);

    EXPECT_EQ(ids(), known);
}

TEST_P(EveryOptimizer, ChangesNothingWhenGradientsAreNotFinite)
{
    Layer layer(GetParam(), {.weightDecay = 0.1});
    layer.step(0);
    const auto before = layer.copy();

    layer.weight.grad[0][0] = std::numeric_limits<float>::quiet_NaN();
    layer.weight.grad[1][0] = std::numeric_limits<float>::infinity();
    layer.optimizer->step(0.01, clipGradients({layer.weight.grad, layer.bias.grad}, 1.0).foundInf);

    expectEqual(layer.copy(), before);
}

TEST_P(EveryOptimizer, GoesOnFromItsStateToTheSameBits)
{
    const OptimizerOptions options {.weightDecay = 0.1};
    Layer straight(GetParam(), options), resumed(GetParam(), options);
    for (int i = 0; i < 3; ++i)
        straight.step(i);
    SavedState saved;
    for (const auto& [name, tensor] : straight.copy())
        saved.tensors.emplace(name, tensor);

    NamedTensors live = resumed.optimizer->state();
    live.emplace_back("weight", resumed.weight.value);
    live.emplace_back("bias", resumed.bias.value);
    ASSERT_TRUE(restoreTensors(saved, live));
    for (int i = 3; i < 6; ++i)
        straight.step(i), resumed.step(i);

    expectEqual(resumed.copy(), straight.copy());
}

TEST_P(EveryOptimizer, DecaysWeightsByThemselvesAndNoBias)
{
    Layer layer(GetParam(), {.weightDecay = 0.5});
    const auto weight = layer.weight.value.clone(), bias = layer.bias.value.clone();

    layer.optimizer->step(0.1, layer.foundInf());  // of gradients that are 0

    EXPECT_LT((layer.weight.value - weight * (1 - 0.1 * 0.5)).abs().max().item<double>(), 1e-6);
    EXPECT_TRUE(torch::equal(layer.bias.value, bias));
}

TEST_P(EveryOptimizer, FindsTheMinimumOfAQuadratic)
{
    Layer layer(GetParam());
    const auto wanted = torch::randn({kRows, kColumns});
    const auto distance = [&] { return (layer.weight.value - wanted).pow(2).mean().item<double>(); };
    const double before = distance();

    constexpr int kSteps = 300;
    for (int i = 0; i < kSteps; ++i) {
        layer.weight.grad.copy_(layer.weight.value - wanted);
        layer.bias.grad.copy_(layer.bias.value);
        layer.optimizer->step(0.05 * (1.0 - double(i) / kSteps), layer.foundInf());
    }

    EXPECT_LT(distance(), 2e-3 * before);
    EXPECT_LT(layer.bias.value.abs().max().item<double>(), 0.1);
}

TEST_P(EveryOptimizer, LeavesParametersAloneUntilTheirFirstStep)
{
    Layer layer(GetParam());
    layer.bias.firstStep = 2;
    layer.optimizer = findOptimizer(GetParam())->make({&layer.weight, &layer.bias}, {});
    const auto bias = layer.bias.value.clone();

    layer.step(0), layer.step(1);
    EXPECT_TRUE(torch::equal(layer.bias.value, bias));
    layer.step(2);

    EXPECT_FALSE(torch::equal(layer.bias.value, bias));
}

TEST_P(EveryOptimizer, RemembersAsMuchAsTheForecastCounts)
{
    Layer layer(GetParam());
    std::int64_t bytes = 0;
    for (const auto& [name, tensor] : layer.optimizer->state())
        if (!name.starts_with("step"))
            bytes += static_cast<std::int64_t>(tensor.nbytes());

    const auto* facts = planner::findOptimizerFacts(GetParam());
    EXPECT_EQ(bytes, facts->stateBytes(layer.weight.value.sizes()) + facts->stateBytes(layer.bias.value.sizes()));
}

TEST_P(EveryOptimizer, DoesOnACardWhatItDoesHere)
{
    if (!model::resolveDevice("cuda"))
        GTEST_SKIP() << "no CUDA card here";
    const OptimizerOptions options {.weightDecay = 0.1};
    Layer here(GetParam(), options), there(GetParam(), options, at::kCUDA);

    for (int i = 0; i < 5; ++i)
        here.step(i), there.step(i);
    EXPECT_LT((there.weight.value.cpu() - here.weight.value).abs().mean().item<double>(), 1e-5);
    EXPECT_LT((there.bias.value.cpu() - here.bias.value).abs().mean().item<double>(), 1e-5);

    const auto before = there.copy();
    there.weight.grad.fill_(std::numeric_limits<float>::quiet_NaN());
    there.optimizer->step(0.01, there.foundInf(true));
    expectEqual(there.copy(), before);
}

namespace {

at::Tensor golden(const std::string& name)
{
    static const auto file = formats::SafetensorsFile::open(tests::sourceDir() + "/tests/golden/optimizers/expected.safetensors");
    const auto* view = file->find(name);
    auto tensor = at::empty(view->shape, view->dtype == formats::DType::F32 ? at::kFloat : at::kByte);
    std::memcpy(tensor.data_ptr(), view->bytes.data(), view->bytes.size());
    return tensor;
}

/// The golden's five steps.
struct GoldenSteps {
    model::Parameter weight {"weight", golden("start.weight"), torch::zeros({40, 130}), true, 1.0};
    model::Parameter bias {"bias", golden("start.bias"), torch::zeros({37}), false, 1.0};
    std::unique_ptr<Optimizer> optimizer;

    explicit GoldenSteps(const std::string& id)
        : optimizer(findOptimizer(id)->make({&weight, &bias}, {0.9, 0.98, 1e-8, 0.1}))
    {
        for (int i = 0; i < 5; ++i) {
            weight.grad.copy_(golden("gradient." + std::to_string(i) + ".weight"));
            bias.grad.copy_(golden("gradient." + std::to_string(i) + ".bias"));
            optimizer->step(2e-2, torch::zeros({}));
        }
    }
    at::Tensor state(const std::string& name) const
    {
        for (const auto& [key, tensor] : optimizer->state())
            if (key == name)
                return tensor;
        return {};
    }
};

double farthest(const at::Tensor& a, const at::Tensor& b)
{
    return (a - b).abs().max().item<double>();
}

}

TEST(AdamW8bit, FollowsBitsandbytes)
{
    const GoldenSteps steps("adamw_8bit");

    EXPECT_LT(farthest(steps.bias.value, golden("adamw_8bit.bias")), 1e-6);
    // Where a second moment falls below the least code, steps are as long as 15. A moment half-way between two codes may become
    // the other one: that value then goes its own way by a part of a step.
    const auto difference = (steps.weight.value - golden("adamw_8bit.weight")).abs();
    EXPECT_LT((difference > 1e-5).to(at::kFloat).mean().item<double>(), 1e-3);
    EXPECT_LT(difference.max().item<double>(), 2e-3);
    EXPECT_GT((steps.state("exp_avg_8bit.weight") == golden("adamw_8bit.state1")).to(at::kFloat).narrow(0, 512, 5200 - 512).mean().item<double>(), 0.999);
    EXPECT_GT((steps.state("exp_avg_sq_8bit.weight") == golden("adamw_8bit.state2")).to(at::kFloat).narrow(0, 512, 5200 - 512).mean().item<double>(), 0.999);
    EXPECT_TRUE(torch::allclose(steps.state("exp_avg_absmax.weight"), golden("adamw_8bit.absmax1"), 1e-5, 1e-12));
    EXPECT_TRUE(torch::allclose(steps.state("exp_avg_sq_absmax.weight"), golden("adamw_8bit.absmax2"), 1e-5, 1e-12));
}

TEST(AdamW8bit, StaysCloseToAdamWOnAQuadratic)
{
    Layer exact("adamw"), coded("adamw_8bit");
    const auto wanted = torch::randn({kRows, kColumns}), scale = torch::rand({kRows, 1}) + 0.1;
    const auto stepOf = [&](Layer& layer, int i) {
        layer.weight.grad.copy_(scale * (layer.weight.value - wanted));
        layer.optimizer->step(0.02 * (1.0 - i / 200.0), layer.foundInf());
        return (layer.weight.value - wanted).pow(2).mean().item<double>();
    };

    for (int i = 0; i < 200; ++i) {
        const double a = stepOf(exact, i), b = stepOf(coded, i);
        EXPECT_NEAR(b, a, 0.03 * a + 1e-3) << i;
    }
}

TEST(Lion, FollowsBitsandbytes)
{
    const GoldenSteps steps("lion");

    EXPECT_LT(farthest(steps.weight.value, golden("lion.weight")), 1e-6);
    EXPECT_LT(farthest(steps.bias.value, golden("lion.bias")), 1e-6);
}

TEST(Adafactor, FollowsTransformers)
{
    const GoldenSteps steps("adafactor");

    EXPECT_LT(farthest(steps.weight.value, golden("adafactor.weight")), 2e-6);
    EXPECT_LT(farthest(steps.bias.value, golden("adafactor.bias")), 2e-6);
}

}
