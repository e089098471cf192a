// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/kernels.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

namespace attune::model {
namespace {

namespace reference = kernels::reference;

/// Relative to the largest value: bfloat16 keeps 8 bits, float32 sums differ in order only.
double tolerance(at::ScalarType type)
{
    return type == at::kBFloat16 ? 1.2e-2 : 2e-5;
}

double distance(const at::Tensor& a, const at::Tensor& b)
{
    const double scale = std::max(1.0, b.to(at::kFloat).abs().max().item<double>());
    return (a.to(at::kFloat) - b.to(at::kFloat)).abs().max().item<double>() / scale;
}

class KernelTest : public testing::TestWithParam<at::ScalarType>
{
protected:
    void SetUp() override { at::manual_seed(7); }
    at::Tensor random(std::vector<std::int64_t> shape) { return at::randn(shape).to(GetParam()); }
};

kernels::AttentionShape packed(std::int64_t heads, std::int64_t kvHeads, std::int64_t headDim, const std::vector<std::int32_t>& lengths)
{
    kernels::AttentionShape shape {heads, kvHeads, headDim, 1.0 / std::sqrt(static_cast<double>(headDim)), {}};
    std::int32_t at = 0;
    for (const auto length : lengths) {
        shape.segments.push_back({at, length, at, length});
        at += length;
    }
    return shape;
}

}

TEST_P(KernelTest, RmsNormEqualsTheFormulaForwardAndBackward)
{
    for (const std::int64_t C : {1, 16, 37, 576}) {
        const auto x = random({65, C}), w = random({C}), g = random({65, C});
        auto out = at::empty_like(x), expected = at::empty_like(x);
        kernels::rmsNorm(x, w, 1e-5, out);
        reference::rmsNorm(x, w, 1e-5, expected);
        EXPECT_LE(distance(out, expected), tolerance(GetParam())) << C;

        auto dx = random({65, C}), dxExpected = dx.clone(), dw = at::zeros({C}), dwExpected = at::zeros({C});
        kernels::rmsNormBackward(g, x, w, 1e-5, dx, dw);
        reference::rmsNormBackward(g, x, w, 1e-5, dxExpected, dwExpected);
        EXPECT_LE(distance(dx, dxExpected), tolerance(GetParam())) << C;
        EXPECT_LE(distance(dw, dwExpected), 2e-5) << C;
    }
}

TEST_P(KernelTest, RotaryEqualsTheFormulaAndIsUndoneByItsInverse)
{
    const auto table = at::randn({40, 2, 12});
    const auto positions = at::randint(0, 40, {33}, at::kInt);
    const auto x = random({33, 3 * 32});
    auto mine = x.clone(), expected = x.clone();

    kernels::rotary(mine, 3, table, positions, kernels::Rotation::Forward);
    reference::rotary(expected, 3, table, positions, kernels::Rotation::Forward);

    EXPECT_LE(distance(mine, expected), tolerance(GetParam()));
    kernels::rotary(mine, 3, table, positions, kernels::Rotation::Inverse);
    reference::rotary(expected, 3, table, positions, kernels::Rotation::Inverse);
    EXPECT_LE(distance(mine, expected), 2 * tolerance(GetParam()));
}

TEST_P(KernelTest, SwigluEqualsTheFormulaForwardAndBackward)
{
    for (const std::int64_t F : {5, 48, 112}) {
        const auto gateUp = random({19, 2 * F}), g = random({19, F});
        auto out = random({19, F}), expected = at::empty_like(out), mine = gateUp.clone(), theirs = gateUp.clone();
        kernels::swiglu(gateUp, out);
        reference::swiglu(gateUp, expected);
        EXPECT_LE(distance(out, expected), tolerance(GetParam()));
        kernels::swigluBackward(g, mine);
        reference::swigluBackward(g, theirs);
        EXPECT_LE(distance(mine, theirs), tolerance(GetParam()));
    }
}

TEST_P(KernelTest, CrossEntropyEqualsTheFormulaForwardAndBackward)
{
    for (const std::int64_t vocabulary : {7, 33, 1000}) {
        const auto logits = random({9, vocabulary}) * 4;
        const auto targets = at::randint(0, vocabulary, {9}, at::kLong);
        auto mine = logits.clone(), theirs = logits.clone(), a = at::empty({9}), b = at::empty({9});
        kernels::crossEntropyBackward(mine, targets, 0.5, a);
        reference::crossEntropyBackward(theirs, targets, 0.5, b);
        EXPECT_LE(distance(a, b), 2e-5);
        EXPECT_LE(distance(mine, theirs), tolerance(GetParam()));
        kernels::crossEntropy(logits, targets, b);
        EXPECT_LE(distance(b, a), 2e-5);
    }
}

TEST_P(KernelTest, AttentionEqualsTheFormulaForwardAndBackward)
{
    struct Case { std::int64_t heads, kvHeads, headDim; std::vector<std::int32_t> lengths; };
    const std::vector<Case> cases {{4, 2, 64, {1, 17, 70}}, {3, 3, 32, {33, 16}}, {6, 1, 80, {5, 48}}, {2, 2, 20, {31}}};
    for (const auto& c : cases) {
        const auto shape = packed(c.heads, c.kvHeads, c.headDim, c.lengths);
        const std::int64_t T = shape.segments.back().query + shape.segments.back().queryLength;
        const auto q = random({T, c.heads * c.headDim}), k = random({T, c.kvHeads * c.headDim}), v = random({T, c.kvHeads * c.headDim});
        auto out = at::empty_like(q), expected = at::empty_like(q), lse = at::empty({c.heads, T}), lseExpected = at::empty({c.heads, T});
        kernels::attention(q, k, v, shape, out, lse);
        reference::attention(q, k, v, shape, expected, lseExpected);
        EXPECT_LE(distance(out, expected), tolerance(GetParam()));
        EXPECT_LE(distance(lse, lseExpected), 1e-5);

        const auto g = random({T, c.heads * c.headDim});
        auto dq = at::empty_like(q), dk = at::empty_like(k), dv = at::empty_like(v), eq = dq.clone(), ek = dk.clone(), ev = dv.clone();
        kernels::attentionBackward(g, q, k, v, expected, lseExpected, shape, dq, dk, dv);
        reference::attentionBackward(g, q, k, v, expected, lseExpected, shape, eq, ek, ev);
        EXPECT_LE(distance(dq, eq), tolerance(GetParam()));
        EXPECT_LE(distance(dk, ek), tolerance(GetParam()));
        EXPECT_LE(distance(dv, ev), tolerance(GetParam()));
    }
}

TEST_P(KernelTest, AttentionOfNewQueriesSeesTheKeysBeforeThem)
{
    kernels::AttentionShape shape {4, 2, 64, 0.125, {{0, 3, 0, 40}}};
    const auto q = random({3, 4 * 64}), k = random({40, 2 * 64}), v = random({40, 2 * 64});
    auto out = at::empty_like(q), expected = at::empty_like(q);

    kernels::attention(q, k, v, shape, out, {});
    reference::attention(q, k, v, shape, expected, {});

    EXPECT_LE(distance(out, expected), tolerance(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Types, KernelTest, testing::Values(at::kFloat, at::kBFloat16));

}
