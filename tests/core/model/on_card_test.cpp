// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/cuda_library.h"
#include "model/device.h"
#include "model/kernels/kernels.h"
#include "model/kernels/on_card.h"
#include "model/quantised/int8.h"
#include "model/quantised/nf4.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace attune::tests {
namespace {

namespace kernels = model::kernels;
namespace on_card = model::kernels::on_card;
using torch::Tensor;

/// Our CUDA kernels against the ATen formulas, in all types. Needs a card; on machines without one each
/// test is skipped, and the test of the skipping itself says so.
class OnCard : public testing::TestWithParam<torch::ScalarType>
{
protected:
    void SetUp() override
    {
        const auto device = model::resolveDevice("cuda");
        if (!device)
            GTEST_SKIP() << "no CUDA card here";
        ASSERT_NE(model::cudaKernels(), nullptr) << "libattune_cuda.so is missing beside the engine, or was built without nvcc";
        torch::manual_seed(1);
    }

    Tensor rows(std::int64_t T, std::int64_t C, double scale = 1.0, std::int64_t pad = 8) const
    {
        return (scale * torch::randn({T, C + pad})).to(GetParam()).to(torch::kCUDA).narrow(1, 0, C);
    }
    Tensor onCard(const Tensor& x) const { return x.to(torch::kCUDA); }
    double tolerance() const { return GetParam() == torch::kFloat ? 5e-6 : GetParam() == torch::kHalf ? 1.5e-3 : 8e-3; }
    void expectNear(const Tensor& value, const Tensor& wanted, const char* what, double factor = 1.0) const
    {
        const auto a = value.to(torch::kCPU, torch::kDouble), b = wanted.to(torch::kCPU, torch::kDouble);
        EXPECT_LT(((a - b).norm() / (b.norm() + 1e-12)).item<double>(), factor * tolerance()) << what;
        EXPECT_TRUE(torch::isfinite(a).all().item<bool>()) << what;
    }
};

INSTANTIATE_TEST_SUITE_P(All, OnCard, testing::Values(torch::kFloat, torch::kBFloat16, torch::kHalf),
    [](const auto& info) { return std::string(torch::toString(info.param)); });

TEST_P(OnCard, NormaliseRowsAndTheirGradient)
{
    for (const std::int64_t C : {4096, 576, 37}) {
        for (const std::int64_t pad : {8, 3}) {
            const auto x = rows(129, C, 2.0, pad), out = rows(129, C, 1.0, pad), wanted = rows(129, C), weight = onCard(torch::randn({C}));
            ASSERT_TRUE(on_card::rmsNorm(x, weight, 1e-5, out));
            kernels::reference::rmsNorm(x, weight, 1e-5, wanted);
            expectNear(out, wanted, "out");
            const auto grad = rows(129, C, 1.0, pad);
            auto gradX = rows(129, C, 1.0, pad), wantedX = gradX.clone(), gradWeight = onCard(torch::ones({C})), wantedWeight = onCard(torch::ones({C}));
            ASSERT_TRUE(on_card::rmsNormBackward(grad, x, weight, 1e-5, gradX, gradWeight));
            kernels::reference::rmsNormBackward(grad, x, weight, 1e-5, wantedX, wantedWeight);
            expectNear(gradX, wantedX, "gradX");
            EXPECT_LT((gradWeight - wantedWeight).abs().max().item<double>(), 1e-3);
        }
    }
}

TEST_P(OnCard, RotateHeadsAndBack)
{
    const std::int64_t H = 3, D = 20, T = 77;
    const auto table = onCard(torch::randn({128, 2, D / 2})), positions = onCard(torch::randint(128, {T}, torch::kInt));
    for (const auto rotation : {kernels::Rotation::Forward, kernels::Rotation::Inverse}) {
        auto x = rows(T, H * D).contiguous(), wanted = x.clone();
        ASSERT_TRUE(on_card::rotary(x, H, table, positions, rotation));
        kernels::reference::rotary(wanted, H, table, positions, rotation);
        expectNear(x, wanted, "x");
    }
}

TEST_P(OnCard, GateTheMlp)
{
    for (const std::int64_t F : {1536, 96, 7}) {
        const auto gateUp = rows(65, 2 * F), out = rows(65, F), wanted = rows(65, F), grad = rows(65, F);
        ASSERT_TRUE(on_card::swiglu(gateUp, out));
        kernels::reference::swiglu(gateUp, wanted);
        expectNear(out, wanted, "out");
        auto own = gateUp.clone(), other = gateUp.clone();
        ASSERT_TRUE(on_card::swigluBackward(grad, own));
        kernels::reference::swigluBackward(grad, other);
        expectNear(own, other, "gradient");
    }
}

TEST_P(OnCard, GiveCrossEntropyAndItsGradient)
{
    for (const std::int64_t V : {49152, 50257, 11}) {
        const auto logits = (3 * torch::randn({33, V})).to(GetParam()).to(torch::kCUDA), targets = onCard(torch::randint(V, {33}, torch::kLong));
        auto own = logits.clone(), other = logits.clone();
        const auto losses = onCard(torch::zeros({33})), wanted = onCard(torch::zeros({33}));
        ASSERT_TRUE(on_card::crossEntropy(own, targets, {}, losses));
        kernels::reference::crossEntropy(other, targets, wanted);
        EXPECT_LT((losses - wanted).abs().max().item<double>(), 1e-4);
        EXPECT_TRUE(own.equal(logits));
        const auto scale = onCard(torch::tensor(0.25f));
        ASSERT_TRUE(on_card::crossEntropy(own, targets, scale, losses));
        kernels::reference::crossEntropyBackward(other, targets, scale, wanted);
        EXPECT_LT((losses - wanted).abs().max().item<double>(), 1e-4);
        expectNear(own, other, "gradient");
        const auto none = logits.clone(), noTargets = torch::full_like(targets, -1);
        ASSERT_TRUE(on_card::crossEntropy(none, noTargets, scale, losses));
        EXPECT_TRUE((none == 0).all().item<bool>() && (losses == 0).all().item<bool>());
    }
}

TEST_P(OnCard, AttendWithinSegments)
{
    if (GetParam() == torch::kFloat)
        GTEST_SKIP() << "float32 attention is ATen's";
    const std::int64_t H = 6, K = 2, D = 64, T = 173;
    const kernels::AttentionShape shape {H, K, D, 0.125, {{0, 40, 0, 40}, {40, 1, 40, 1}, {41, 132, 41, 132}}, {}};
    const auto q = rows(T, H * D), k = rows(T, K * D), v = rows(T, K * D), out = rows(T, H * D), wanted = rows(T, H * D), grad = rows(T, H * D);
    const auto lse = onCard(torch::zeros({H, T})), wantedLse = onCard(torch::zeros({H, T}));
    ASSERT_TRUE(on_card::attention(q, k, v, shape, out, lse));
    kernels::reference::attention(q, k, v, shape, wanted, wantedLse);
    expectNear(out, wanted, "out");
    EXPECT_LT((lse - wantedLse).abs().max().item<double>(), 2e-2);
    const auto dq = rows(T, H * D), dk = rows(T, K * D), dv = rows(T, K * D), wq = rows(T, H * D), wk = rows(T, K * D), wv = rows(T, K * D);
    ASSERT_TRUE(on_card::attentionBackward(grad, q, k, v, out, lse, shape, dq, dk, dv));
    kernels::reference::attentionBackward(grad, q, k, v, wanted, wantedLse, shape, wq, wk, wv);
    expectNear(dq, wq, "dq", 2.0);
    expectNear(dk, wk, "dk", 2.0);
    expectNear(dv, wv, "dv", 2.0);
}

TEST_P(OnCard, DropTheValuesThatTheCpuDrops)
{
    const auto x = torch::randn({37, 95}).to(GetParam());
    const auto host = torch::empty_like(x), card = onCard(torch::empty_like(x));
    ASSERT_TRUE(on_card::dropout(onCard(x), 0.3, 12345, card));
    if (GetParam() == torch::kHalf) {
        EXPECT_NEAR((card != 0).to(torch::kFloat).mean().item<double>(), 0.7, 0.05);
        return;
    }
    kernels::dropout(x, 0.3, 12345, host);
    expectNear(card, host, "values");
    EXPECT_TRUE((card.to(torch::kCPU) == 0).equal(host == 0));
}

TEST_P(OnCard, PutQuantisedWeightsTogether)
{
    const auto weight = torch::randn({67, 130});
    for (const std::int64_t columns : {130, 128, 64}) {
        const auto part = weight.narrow(1, 0, columns).contiguous();
        const auto wanted = model::nf4Source(part, torch::kCPU), own = model::nf4Source(part, torch::kCUDA);
        EXPECT_TRUE(own->weight(GetParam()).to(torch::kCPU).equal(wanted->weight(GetParam()))) << columns;
        const auto apart = onCard(torch::full({67, columns + 5}, -3.0)).to(GetParam());
        own->expand(apart.narrow(1, 0, columns));
        EXPECT_TRUE(apart.narrow(1, 0, columns).to(torch::kCPU).equal(wanted->weight(GetParam()))) << columns;
        EXPECT_TRUE((apart.narrow(1, columns, 5) == -3.0).all().item<bool>()) << columns;
    }
    auto int8 = model::quantiseInt8(weight);
    const auto wanted8 = model::dequantiseInt8(int8, GetParam());
    expectNear(model::dequantiseInt8({onCard(int8.codes), onCard(int8.scales)}, GetParam()), wanted8, "int8");
}

}
}
