// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/amx_tiles.h"
#include "model/packed_linear.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace attune::tests {
namespace {

using model::PackedLinear;
using torch::Tensor;

/// Products on tile units against float32 products of the same bfloat16 values.
class PackedLinears : public testing::TestWithParam<std::array<std::int64_t, 4>>  // T, K, R, N
{
protected:
    void SetUp() override
    {
        if (!model::kernels::hasAmx())
            GTEST_SKIP() << "this processor has no tile units";
        torch::manual_seed(3);
    }
    static Tensor random(std::int64_t rows, std::int64_t columns, double scale) { return (scale * torch::randn({rows, columns})).to(torch::kBFloat16); }
    static void expectNear(const Tensor& value, const Tensor& wanted, const char* what)
    {
        const auto a = value.to(torch::kDouble), b = wanted.to(torch::kDouble);
        EXPECT_LT(((a - b).norm() / b.norm()).item<double>(), 5e-3) << what;
    }
};

INSTANTIATE_TEST_SUITE_P(Shapes, PackedLinears, testing::Values(std::array<std::int64_t, 4> {300, 576, 48, 960}, std::array<std::int64_t, 4> {37, 70, 5, 45},
    std::array<std::int64_t, 4> {1, 64, 16, 33}, std::array<std::int64_t, 4> {129, 2100, 16, 96}, std::array<std::int64_t, 4> {600, 64, 40, 64}));

TEST_P(PackedLinears, GiveTheAdaptedOutputAndItsGradients)
{
    const auto [T, K, R, N] = GetParam();
    const auto weight = random(N, K, 0.1), a = random(R, K, 0.1), b = random(N, R, 0.1), x = random(T, K + R, 1), before = random(T, N, 1), gradOut = random(T, N, 1);
    PackedLinear linear(weight, R);
    linear.setLowRank(a, b, 0, 0);
    EXPECT_TRUE(linear.weight(0, N).equal(weight));
    const auto input = x.narrow(1, 0, K);
    const auto wide = [](const Tensor& t) { return t.to(torch::kFloat); };

    const auto out = before.clone();
    linear.forward(x, out, true, false);
    const auto projected = wide(input).mm(wide(a).t()).to(torch::kBFloat16);
    expectNear(x.narrow(1, K, R), projected, "projected");
    expectNear(out, wide(before) + wide(input).mm(wide(weight).t()) + wide(projected).mm(wide(b).t()), "out");

    const auto gradX = torch::zeros_like(x);
    linear.backward(gradOut, gradX, false);
    const auto gradDown = wide(gradOut).mm(wide(b)).to(torch::kBFloat16);
    expectNear(gradX.narrow(1, K, R), gradDown, "gradient of the low-rank part");
    expectNear(gradX.narrow(1, 0, K), wide(gradOut).mm(wide(weight)) + wide(gradDown).mm(wide(a)), "gradient of the input");
    const auto base = torch::zeros_like(x);
    linear.backwardBase(gradOut, base);
    expectNear(base.narrow(1, 0, K), wide(gradOut).mm(wide(weight)), "gradient without the adapter's part");
    const auto low = torch::zeros_like(x);
    linear.backward(gradOut, low, true);
    expectNear(low.narrow(1, K, R), gradDown, "low-rank gradient alone");
    EXPECT_TRUE(low.narrow(1, 0, K).eq(0).all().item<bool>());

    const auto gradA = torch::ones({R, K}), gradB = torch::ones({N, R});
    PackedLinear::addGradient(gradX.narrow(1, K, R), input, 1.0, gradA);
    expectNear(gradA, 1 + wide(gradX.narrow(1, K, R)).t().mm(wide(input)), "gradient of A");
    PackedLinear::addGradient(x.narrow(1, K, R), gradOut, 0.5, gradB.t());
    expectNear(gradB, 1 + 0.5 * wide(gradOut).t().mm(wide(x.narrow(1, K, R))), "gradient of B");
}

/// [T, C] in tiles with room for R columns behind, and back; what lies behind the ends is not a number.
Tensor tiled(const Tensor& x, std::int64_t R)
{
    const auto T = x.size(0), C = x.size(1), slices = (T + 31) / 32, blocks = C / 32 + PackedLinear::blocksOf(R);
    const auto padded = torch::full({slices * 32, blocks * 32}, NAN, x.options());
    padded.narrow(0, 0, T).narrow(1, 0, C).copy_(x);
    return padded.view({slices, 32, blocks, 32}).transpose(1, 2).contiguous();
}
Tensor untiled(const Tensor& x, std::int64_t T, std::int64_t C)
{
    return x.transpose(1, 2).reshape({x.size(0) * 32, -1}).narrow(0, 0, T).narrow(1, 0, C);
}

TEST_P(PackedLinears, ReadAndWriteTiles)
{
    const auto [T, anyK, R, anyN] = GetParam();
    const auto K = (anyK + 31) / 32 * 32, N = (anyN + 31) / 32 * 32;
    const auto a = random(R, K, 0.1), b = random(N, R, 0.1), x = random(T, K, 1), gradOut = random(T, N, 1);
    PackedLinear linear(random(N, K, 0.1), R);
    linear.setLowRank(a, b, 0, 0);
    const auto rows = [&](std::int64_t columns) { return torch::empty({T, columns}, torch::kBFloat16); };

    const auto out = rows(N), low = rows(R), lowOfTiles = rows(R), outOfTiles = rows(N), tiles = tiled(rows(N), R);
    linear.forward(x, low, out, {});
    linear.forward(tiled(x, R), lowOfTiles, outOfTiles, {});
    linear.forward(x, low, tiles, {});
    EXPECT_TRUE(outOfTiles.equal(out));
    EXPECT_TRUE(lowOfTiles.equal(low));
    EXPECT_TRUE(untiled(tiles, T, N).equal(out));

    const auto addend = random(T, N, 1), sum = rows(N), itself = addend.clone();
    linear.forward(x, low, sum, addend);
    linear.forward(x, low, itself, itself);
    EXPECT_TRUE(sum.equal(itself));
    expectNear(sum, out.to(torch::kFloat) + addend.to(torch::kFloat), "sum with what was there");

    const auto gradX = rows(K), gradLow = rows(R), gradXOfTiles = rows(K), gradTiles = tiled(rows(K), 0);
    linear.backward(gradOut, gradLow, gradX);
    linear.backward(tiled(gradOut, R), lowOfTiles, gradXOfTiles);
    linear.backward(gradOut, gradLow, gradTiles);
    EXPECT_TRUE(gradXOfTiles.equal(gradX));
    EXPECT_TRUE(lowOfTiles.equal(gradLow));
    EXPECT_TRUE(untiled(gradTiles, T, K).equal(gradX));

    const auto gradA = torch::zeros({R, K}), ofTiles = torch::zeros({R, K});
    PackedLinear::addGradient(gradLow, x, 1.0, gradA);
    PackedLinear::addGradient(gradLow, tiled(x, 0), 1.0, ofTiles);
    EXPECT_TRUE(ofTiles.equal(gradA));
}

TEST_P(PackedLinears, GiveLogitsAndTheirGradient)
{
    const auto [T, K, R, N] = GetParam();
    const auto weight = random(N * 40, K, 0.1), x = random(T, K, 1), gradient = random(T, N * 40, 1);
    const model::PackedHead head(weight);
    const auto logits = torch::empty({T, N * 40}, torch::kBFloat16), gradX = torch::empty({T, K}, torch::kBFloat16);
    head.logits(x, logits);
    head.gradient(gradient, gradX);
    expectNear(logits, x.to(torch::kFloat).mm(weight.to(torch::kFloat).t()), "logits");
    expectNear(gradX, gradient.to(torch::kFloat).mm(weight.to(torch::kFloat)), "gradient");
}

}
}
