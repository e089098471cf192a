// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/cpu_table.h"
#include "model/kernels/kernels.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <vector>

namespace attune::tests {
namespace {

namespace kernels = model::kernels;
using torch::Tensor;

/// Every instruction set that this machine has, in both storage types, against the ATen formulas.
class Kernels : public testing::TestWithParam<std::tuple<const kernels::CpuKernels*, torch::ScalarType>>
{
protected:
    void SetUp() override
    {
        torch::manual_seed(1);
        kernels::useCpuKernels(std::get<0>(GetParam())->name);
    }
    void TearDown() override { kernels::useCpuKernels(""); }

    torch::ScalarType type() const { return std::get<1>(GetParam()); }
    /// Rows that are a part of wider ones, as in the model.
    Tensor rows(std::int64_t T, std::int64_t C, double scale = 1.0) const { return (scale * torch::randn({T, C + 6})).to(type()).narrow(1, 0, C); }
    /// Rounding of results: 2^-8 relative in bfloat16; in float32 another order of a few hundred additions.
    double tolerance() const { return type() == torch::kFloat ? 3e-6 : 6e-3; }
    void expectNear(const Tensor& value, const Tensor& wanted, const char* what, double factor = 1.0) const
    {
        const auto a = value.to(torch::kDouble), b = wanted.to(torch::kDouble);
        EXPECT_LT(((a - b).norm() / (b.norm() + 1e-12)).item<double>(), factor * tolerance()) << what;
        EXPECT_TRUE(torch::isfinite(a).all().item<bool>()) << what;
    }
};

std::string parameterName(const testing::TestParamInfo<Kernels::ParamType>& info)
{
    return std::string(std::get<0>(info.param)->name) + (std::get<1>(info.param) == torch::kFloat ? "Float32" : "Bfloat16");
}

INSTANTIATE_TEST_SUITE_P(All, Kernels, testing::Combine(testing::ValuesIn(kernels::usableCpuKernels()), testing::Values(torch::kFloat, torch::kBFloat16)), parameterName);

TEST_P(Kernels, NormaliseRows)
{
    for (const std::int64_t C : {576, 37, 3}) {
        const auto x = rows(13, C, 2.0), out = rows(13, C), wanted = rows(13, C), weight = torch::randn({C});
        kernels::rmsNorm(x, weight, 1e-5, out);
        kernels::reference::rmsNorm(x, weight, 1e-5, wanted);
        expectNear(out, wanted, "out");
    }
}

TEST_P(Kernels, GiveTheGradientOfTheNorm)
{
    for (const std::int64_t C : {576, 37, 3}) {
        const auto x = rows(21, C, 2.0), grad = rows(21, C), weight = torch::randn({C}), start = rows(21, C);
        auto gradX = start.clone(), wantedX = start.clone(), gradWeight = torch::ones({C}), wantedWeight = torch::ones({C});
        kernels::rmsNormBackward(grad, x, weight, 1e-5, gradX, gradWeight);
        kernels::reference::rmsNormBackward(grad, x, weight, 1e-5, wantedX, wantedWeight);
        expectNear(gradX, wantedX, "gradX");
        EXPECT_LT((gradWeight - wantedWeight).abs().max().item<double>(), 1e-4);
    }
}

TEST_P(Kernels, RotateHeadsAndBack)
{
    const std::int64_t H = 3, D = 20, T = 9;
    const auto table = torch::randn({16, 2, D / 2}), positions = torch::randint(16, {T}, torch::kInt);
    for (const auto rotation : {kernels::Rotation::Forward, kernels::Rotation::Inverse}) {
        auto x = rows(T, H * D).contiguous(), wanted = x.clone();
        kernels::rotary(x, H, table, positions, rotation);
        kernels::reference::rotary(wanted, H, table, positions, rotation);
        expectNear(x, wanted, "x");
    }
}

TEST_P(Kernels, GateTheMlp)
{
    for (const std::int64_t F : {96, 19}) {
        const auto gateUp = rows(8, 2 * F, 3.0), out = rows(8, F), wanted = rows(8, F), grad = rows(8, F);
        kernels::swiglu(gateUp, out);
        kernels::reference::swiglu(gateUp, wanted);
        expectNear(out, wanted, "out");
        auto gates = gateUp.clone(), wantedGates = gateUp.clone();
        kernels::swigluBackward(grad, gates);
        kernels::reference::swigluBackward(grad, wantedGates);
        expectNear(gates, wantedGates, "gradient");
        auto gatesAgain = gateUp.clone(), gradAgain = grad.clone();
        kernels::swigluBackward(gradAgain, gatesAgain, true);
        expectNear(gatesAgain, wantedGates, "gradient beside the output");
        expectNear(gradAgain, wanted, "output again");
    }
}

TEST_P(Kernels, SurviveLargeGates)
{
    auto gateUp = torch::tensor({{-200.0f, 200.0f, 0.0f, 1.0f, 1.0f, 1.0f}}).to(type());
    const auto out = torch::empty({1, 3}, torch::dtype(type()));
    kernels::swiglu(gateUp, out);
    EXPECT_NEAR(out[0][0].item<double>(), 0, 1e-30);
    EXPECT_NEAR(out[0][1].item<double>(), 200, 1e-3);
    kernels::swigluBackward(torch::ones_like(out), gateUp);
    EXPECT_TRUE(torch::isfinite(gateUp).all().item<bool>());
}

TEST_P(Kernels, KeepNotANumber)
{
    auto x = torch::ones({1, 40}).to(type());
    x[0][3] = NAN;
    const auto out = torch::zeros({1, 40}, torch::dtype(type()));
    kernels::rmsNorm(x, torch::ones({40}), 1e-5, out);
    EXPECT_TRUE(torch::isnan(out).all().item<bool>());
    const auto losses = torch::zeros({1});
    kernels::crossEntropy(x, torch::zeros({1}, torch::kLong), losses);
    EXPECT_TRUE(torch::isnan(losses).item<bool>());
}

TEST_P(Kernels, GiveCrossEntropyAndItsGradient)
{
    for (const std::int64_t V : {61, 512}) {
        auto logits = rows(11, V, 4.0).contiguous(), wanted = logits.clone();
        const auto targets = torch::randint(V, {11}, torch::kLong);
        const auto losses = torch::empty({11}), wantedLosses = torch::empty({11});
        kernels::crossEntropy(logits, targets, losses);
        kernels::reference::crossEntropy(logits, targets, wantedLosses);
        EXPECT_LT((losses - wantedLosses).abs().max().item<double>(), 1e-4);
        EXPECT_TRUE(torch::equal(logits, wanted));
        kernels::crossEntropyBackward(logits, targets, torch::tensor(0.3f), losses);
        kernels::reference::crossEntropyBackward(wanted, targets, torch::tensor(0.3f), wantedLosses);
        expectNear(logits, wanted, "gradient");
    }
}

TEST_P(Kernels, DropTheAskedShareAndNoOtherElements)
{
    const auto x = torch::ones({200, 301}, torch::dtype(type())), out = torch::empty({200, 301}, torch::dtype(type())), again = torch::empty({200, 301}, torch::dtype(type()));
    kernels::dropout(x, 0.25, 5, out);
    kernels::dropout(x, 0.25, 5, again);
    EXPECT_TRUE(torch::equal(out, again));
    EXPECT_NEAR((out == 0).to(torch::kDouble).mean().item<double>(), 0.25, 0.01);
    EXPECT_NEAR(out.max().item<double>(), 1 / 0.75, 0.01);
    kernels::dropout(x, 0.25, 6, again);
    EXPECT_FALSE(torch::equal(out, again));
}

struct AttentionCase { std::int64_t heads, kvHeads, headDim; std::vector<std::int64_t> lengths; };

class AttentionKernels : public Kernels
{
protected:
    /// q, k, v as parts of one buffer, like a model's projection.
    struct Inputs { Tensor q, k, v, grad; kernels::AttentionShape shape; std::int64_t T = 0; };
    Inputs inputs(const AttentionCase& c) const
    {
        Inputs in;
        in.shape = {c.heads, c.kvHeads, c.headDim, 1.0 / std::sqrt(static_cast<double>(c.headDim)), {}};
        for (const auto length : c.lengths) {
            in.shape.segments.push_back({static_cast<std::int32_t>(in.T), static_cast<std::int32_t>(length), static_cast<std::int32_t>(in.T), static_cast<std::int32_t>(length)});
            in.T += length;
        }
        const auto qw = c.heads * c.headDim, kw = c.kvHeads * c.headDim;
        const auto all = (1.5 * torch::randn({in.T, qw + 2 * kw})).to(type());
        in.q = all.narrow(1, 0, qw), in.k = all.narrow(1, qw, kw), in.v = all.narrow(1, qw + kw, kw);
        in.grad = torch::randn({in.T, qw}).to(type());
        return in;
    }
};

/// Generation once wrote behind the scratch that it had asked for: few keys are padded to whole tiles.
TEST_P(AttentionKernels, StayWithinTheScratchTheyAskFor)
{
    const auto* table = std::get<0>(GetParam());
    const auto element = type() == torch::kFloat ? kernels::Element::Float32 : kernels::Element::Bfloat16;
    constexpr std::int64_t D = 64, kGuard = 4096;
    constexpr char kMark = 0x5a;
    for (const std::int64_t keys : {1, 2, 15, 16, 17, 31, 32, 33, 47, 49, 65})
        for (const std::int64_t queries : {std::int64_t(1), (keys + 1) / 2, keys})
            for (const bool isBackward : {false, true}) {
                const auto q = rows(queries, D), out = rows(queries, D), gradOut = rows(queries, D), gradQ = rows(queries, D);
                const auto k = rows(keys, D), v = rows(keys, D), gradK = rows(keys, D), gradV = rows(keys, D);
                auto lse = torch::zeros({queries});
                const auto of = [](const Tensor& t) { return kernels::Rows {t.data_ptr(), t.stride(0)}; };
                const kernels::AttentionTask task {queries, keys, D, 1, 0.125f, of(q), of(k), of(v), of(out), lse.data_ptr<float>(), queries, of(gradOut), of(gradQ), of(gradK), of(gradV)};
                const auto bytes = table->attentionScratch(queries, keys, D, isBackward);
                std::vector<char> room(static_cast<std::size_t>(bytes + kGuard + 64), kMark);
                char* scratch = room.data() + (64 - reinterpret_cast<std::uintptr_t>(room.data()) % 64);

                (isBackward ? table->attentionBackward : table->attention)(element, task, scratch);

                const auto* behind = scratch + bytes;
                ASSERT_EQ(std::count(behind, behind + kGuard - 64, kMark), kGuard - 64) << queries << " queries, " << keys << " keys" << (isBackward ? ", backward" : "");
            }
}

INSTANTIATE_TEST_SUITE_P(All, AttentionKernels, testing::Combine(testing::ValuesIn(kernels::usableCpuKernels()), testing::Values(torch::kFloat, torch::kBFloat16)), parameterName);

const AttentionCase kCases[] = {{9, 3, 64, {70, 1, 33, 200}}, {4, 4, 8, {17, 5}}, {4, 1, 20, {49, 31}}, {2, 2, 128, {64}}};

TEST_P(AttentionKernels, MixValuesLikeTheReference)
{
    for (const auto& c : kCases) {
        const auto in = inputs(c);
        const auto out = torch::empty_like(in.grad), wanted = torch::empty_like(in.grad);
        const auto lse = torch::empty({c.heads, in.T}), wantedLse = torch::empty({c.heads, in.T});
        kernels::attention(in.q, in.k, in.v, in.shape, out, lse);
        kernels::reference::attention(in.q, in.k, in.v, in.shape, wanted, wantedLse);
        expectNear(out, wanted, "out");
        EXPECT_LT((lse - wantedLse).abs().max().item<double>(), 1e-4);
    }
}

TEST_P(AttentionKernels, GiveTheGradientsOfTheReference)
{
    for (const auto& c : kCases) {
        const auto in = inputs(c);
        const auto out = torch::empty_like(in.grad), lse = torch::empty({c.heads, in.T});
        kernels::reference::attention(in.q, in.k, in.v, in.shape, out, lse);
        const auto all = torch::zeros({2, in.T, in.q.size(1) + 2 * in.k.size(1)}, torch::dtype(type()));
        const auto part = [&](int which, int index) {
            return index == 0 ? all[which].narrow(1, 0, in.q.size(1)) : all[which].narrow(1, in.q.size(1) + (index - 1) * in.k.size(1), in.k.size(1));
        };
        kernels::attentionBackward(in.grad, in.q, in.k, in.v, out, lse, in.shape, part(0, 0), part(0, 1), part(0, 2));
        kernels::reference::attentionBackward(in.grad, in.q, in.k, in.v, out, lse, in.shape, part(1, 0), part(1, 1), part(1, 2));
        expectNear(part(0, 0), part(1, 0), "q", 1.5);
        expectNear(part(0, 1), part(1, 1), "k", 1.5);
        expectNear(part(0, 2), part(1, 2), "v", 1.5);
    }
}

TEST_P(AttentionKernels, GiveTheGradientsOfQueriesBehindOtherKeys)
{
    const auto in = inputs({6, 2, 64, {140}});
    // Rows of keys: a beginning of 40, then two rows with the same beginning in front.
    auto shape = in.shape;
    shape.segments = {{0, 40, 0, 40}, {40, 33, 40, 73}, {73, 5, 113, 25}};
    const auto k = in.k.narrow(0, 0, 138), v = in.v.narrow(0, 0, 138), q = in.q.narrow(0, 0, 78), grad = in.grad.narrow(0, 0, 78);
    const auto out = torch::empty_like(grad), lse = torch::empty({6, 78});
    kernels::reference::attention(q, k, v, shape, out, lse);
    const auto gradQ = torch::zeros({2, 78, q.size(1)}, torch::dtype(type())), gradK = torch::zeros({2, 138, k.size(1)}, torch::dtype(type())), gradV = torch::zeros_like(gradK);
    kernels::attentionBackward(grad, q, k, v, out, lse, shape, gradQ[0], gradK[0], gradV[0]);
    kernels::reference::attentionBackward(grad, q, k, v, out, lse, shape, gradQ[1], gradK[1], gradV[1]);
    expectNear(gradQ[0], gradQ[1], "q", 1.5);
    expectNear(gradK[0], gradK[1], "k", 1.5);
    expectNear(gradV[0], gradV[1], "v", 1.5);
}

TEST_P(AttentionKernels, ContinueFromCachedKeys)
{
    auto in = inputs({6, 2, 32, {90}});
    const auto whole = torch::empty_like(in.grad), part = torch::empty_like(in.grad);
    kernels::attention(in.q, in.k, in.v, in.shape, whole, {});
    in.shape.segments = {{0, 50, 0, 50}, {50, 40, 0, 90}};
    kernels::attention(in.q, in.k, in.v, in.shape, part, {});
    expectNear(part, whole, "out", 0.5);
}

}
}
