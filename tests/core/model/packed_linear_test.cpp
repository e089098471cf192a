// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/amx_tiles.h"
#include "model/packed_linear.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace attune::tests {
namespace {

using model::PackedLinear;
using torch::Tensor;

struct Shape {
    std::int64_t T, K, R, N;
    torch::ScalarType type;
};

void PrintTo(const Shape& shape, std::ostream* out)
{
    *out << shape.T << "x" << shape.K << "+" << shape.R << "x" << shape.N << (shape.type == torch::kFloat ? " float32" : " bfloat16");
}

/// Products on tile units against float64 products of the same values, rounded in between to the weight's type.
class PackedLinears : public testing::TestWithParam<Shape>
{
protected:
    void SetUp() override
    {
        if (!model::kernels::hasPairs())
            GTEST_SKIP() << "this processor has no products of bfloat16";
        if (GetParam().type == torch::kFloat && !model::kernels::hasAmx())
            GTEST_SKIP() << "float32 is split on tile units only";
        torch::manual_seed(3);
    }
    static Tensor random(std::int64_t rows, std::int64_t columns, double scale) { return (scale * torch::randn({rows, columns})).to(GetParam().type); }
    /// What a checkpoint holds: values of bfloat16.
    static Tensor weightOf(std::int64_t rows, std::int64_t columns) { return random(rows, columns, 0.1).to(torch::kBFloat16).to(GetParam().type); }
    static Tensor wide(const Tensor& t) { return t.to(torch::kDouble); }
    static void expectNear(const Tensor& value, const Tensor& wanted, const char* what)
    {
        // float32 as two parts loses 2^-17 of a product.
        EXPECT_LT(((wide(value) - wanted).norm() / wanted.norm()).item<double>(), GetParam().type == torch::kFloat ? 1e-5 : 5e-3) << what;
    }
};

constexpr auto kBf16 = torch::kBFloat16;
INSTANTIATE_TEST_SUITE_P(Shapes, PackedLinears, testing::Values(Shape {300, 576, 48, 960, kBf16}, Shape {37, 70, 5, 45, kBf16}, Shape {1, 64, 16, 33, kBf16},
    Shape {129, 2100, 16, 96, kBf16}, Shape {600, 64, 40, 64, kBf16}));
INSTANTIATE_TEST_SUITE_P(Float32, PackedLinears, testing::Values(Shape {300, 576, 48, 960, torch::kFloat}, Shape {37, 70, 5, 45, torch::kFloat}, Shape {1, 64, 16, 33, torch::kFloat},
    Shape {129, 2100, 16, 96, torch::kFloat}, Shape {600, 64, 40, 64, torch::kFloat}));

TEST_P(PackedLinears, GiveTheAdaptedOutputAndItsGradients)
{
    const auto [T, K, R, N, type] = GetParam();
    const auto weight = weightOf(N, K), a = random(R, K, 0.1), b = random(N, R, 0.1), x = random(T, K + R, 1), before = random(T, N, 1), gradOut = random(T, N, 1);
    ASSERT_TRUE(type == kBf16 || PackedLinear::servesFloat32(weight));
    PackedLinear linear(weight, R);
    linear.setLowRank(a, b, 0, 0);
    EXPECT_TRUE(linear.weight(0, N).equal(weight));
    const auto input = x.narrow(1, 0, K);

    const auto out = before.clone();
    linear.forwardRows(x, out, out, false);
    const auto projected = wide(input).mm(wide(a).t()).to(type);
    expectNear(x.narrow(1, K, R), wide(projected), "projected");
    expectNear(out, wide(before) + wide(input).mm(wide(weight).t()) + wide(projected).mm(wide(b).t()), "out");

    const auto gradX = torch::zeros_like(x);
    linear.backward(gradOut, gradX, false);
    const auto gradDown = wide(gradOut).mm(wide(b)).to(type);
    expectNear(gradX.narrow(1, K, R), wide(gradDown), "gradient of the low-rank part");
    expectNear(gradX.narrow(1, 0, K), wide(gradOut).mm(wide(weight)) + wide(gradDown).mm(wide(a)), "gradient of the input");
    const auto base = torch::zeros_like(x);
    linear.backwardBase(gradOut, base);
    expectNear(base.narrow(1, 0, K), wide(gradOut).mm(wide(weight)), "gradient without the adapter's part");
    const auto low = torch::zeros_like(x);
    linear.backward(gradOut, low, true);
    expectNear(low.narrow(1, K, R), wide(gradDown), "low-rank gradient alone");
    EXPECT_TRUE(low.narrow(1, 0, K).eq(0).all().item<bool>());

    if (type != kBf16)
        return;  // float32 gradients are tileProduct()'s
    const auto gradA = torch::ones({R, K}), gradB = torch::ones({N, R});
    PackedLinear::addGradient(gradX.narrow(1, K, R), input, 1.0, gradA);
    expectNear(gradA, 1 + wide(gradX.narrow(1, K, R)).t().mm(wide(input)), "gradient of A");
    PackedLinear::addGradient(x.narrow(1, K, R), gradOut, 0.5, gradB.t());
    expectNear(gradB, 1 + 0.5 * wide(gradOut).t().mm(wide(x.narrow(1, K, R))), "gradient of B");
}

TEST_P(PackedLinears, DoNotDependOnTheNumberOfThreads)
{
    const auto [T, K, R, N, type] = GetParam();
    PackedLinear linear(weightOf(N, K), R);
    linear.setLowRank(random(R, K, 0.1), random(N, R, 0.1), 0, 0);
    const auto x = random(T, K + R, 1), one = torch::empty({T, N}, x.options()), two = torch::empty_like(one);
    const int before = at::get_num_threads();
    at::set_num_threads(1);
    linear.forwardRows(x, one, {}, false);
    at::set_num_threads(2);
    linear.forwardRows(x, two, {}, false);
    at::set_num_threads(before);
    EXPECT_TRUE(one.equal(two));
}

/// [T, C] in tiles with room for R columns behind, and back; what lies behind the ends is not a number. float32 stays in rows.
Tensor tiled(const Tensor& x, std::int64_t R)
{
    if (x.scalar_type() == torch::kFloat)
        return x.clone();
    const auto T = x.size(0), C = x.size(1), slices = (T + 31) / 32, blocks = C / 32 + PackedLinear::blocksOf(R);
    const auto padded = torch::full({slices * 32, blocks * 32}, NAN, x.options());
    padded.narrow(0, 0, T).narrow(1, 0, C).copy_(x);
    return padded.view({slices, 32, blocks, 32}).transpose(1, 2).contiguous();
}
Tensor untiled(const Tensor& x, std::int64_t T, std::int64_t C)
{
    if (x.dim() == 2)
        return x;
    return x.transpose(1, 2).reshape({x.size(0) * 32, -1}).narrow(0, 0, T).narrow(1, 0, C);
}

TEST_P(PackedLinears, ReadAndWriteTiles)
{
    const auto [T, anyK, R, anyN, type] = GetParam();
    const auto K = (anyK + 31) / 32 * 32, N = (anyN + 31) / 32 * 32;
    const auto a = random(R, K, 0.1), b = random(N, R, 0.1), x = random(T, K, 1), gradOut = random(T, N, 1);
    PackedLinear linear(weightOf(N, K), R);
    linear.setLowRank(a, b, 0, 0);
    const auto rows = [&](std::int64_t columns) { return torch::empty({T, columns}, type); };

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
    expectNear(sum, wide(out) + wide(addend), "sum with what was there");

    const auto gradX = rows(K), gradLow = rows(R), gradXOfTiles = rows(K), gradTiles = tiled(rows(K), 0);
    linear.backward(gradOut, gradLow, gradX);
    linear.backward(tiled(gradOut, R), lowOfTiles, gradXOfTiles);
    linear.backward(gradOut, gradLow, gradTiles);
    EXPECT_TRUE(gradXOfTiles.equal(gradX));
    EXPECT_TRUE(lowOfTiles.equal(gradLow));
    EXPECT_TRUE(untiled(gradTiles, T, K).equal(gradX));

    if (type != kBf16)
        return;
    const auto gradA = torch::zeros({R, K}), ofTiles = torch::zeros({R, K});
    PackedLinear::addGradient(gradLow, x, 1.0, gradA);
    PackedLinear::addGradient(gradLow, tiled(x, 0), 1.0, ofTiles);
    EXPECT_TRUE(ofTiles.equal(gradA));
}

TEST(PackedLinear, TakesNoFloat32ThatBfloat16CannotHold)
{
    if (!model::kernels::hasAmx())
        GTEST_SKIP() << "this processor has no tile units";
    const auto weight = torch::randn({40, 64}).to(torch::kBFloat16).to(torch::kFloat);
    EXPECT_TRUE(PackedLinear::servesFloat32(weight));
    weight.select(0, 39).narrow(0, 63, 1).add_(1e-4);
    EXPECT_FALSE(PackedLinear::servesFloat32(weight));
    EXPECT_TRUE(PackedLinear::servesFloat32(weight.narrow(1, 0, 63)));
    EXPECT_FALSE(PackedLinear::servesFloat32(weight.to(torch::kBFloat16)));
}

TEST_P(PackedLinears, GiveLogitsAndTheirGradient)
{
    const auto [T, K, R, N, type] = GetParam();
    const auto weight = weightOf(N * 40, K), x = random(T, K, 1), gradient = random(T, N * 40, 1);
    const PackedLinear head(weight, 0);
    const auto logits = torch::empty({T, N * 40}, type), gradX = torch::empty({T, K}, type);
    head.forwardRows(x, logits, {}, true);
    head.backwardBase(gradient, gradX);
    expectNear(logits, wide(x).mm(wide(weight).t()), "logits");
    expectNear(gradX, wide(gradient).mm(wide(weight)), "gradient");
}

}
}
