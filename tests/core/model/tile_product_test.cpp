// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/amx_tiles.h"
#include "model/products.h"
#include "model/tile_product.h"
#include "tiny_model.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace attune::tests {
namespace {

using torch::Tensor;

struct Shape {
    std::int64_t rows, inner, columns;
};

/// Products on tile units against float64 products of the same values.
class TileProducts : public testing::TestWithParam<Shape>
{
protected:
    void SetUp() override
    {
        if (!model::kernels::hasAmx())
            GTEST_SKIP() << "this processor has no tile units";
        torch::manual_seed(5);
    }
    /// rows by columns within a wider buffer, or as the transposed view of one.
    static Tensor random(std::int64_t rows, std::int64_t columns, bool isAcross, torch::ScalarType type)
    {
        const auto wide = torch::randn({isAcross ? columns : rows, (isAcross ? rows : columns) + 7}).to(type);
        const auto part = wide.narrow(1, 3, isAcross ? rows : columns);
        return isAcross ? part.t() : part;
    }
    static double distance(const Tensor& value, const Tensor& wanted) { return ((value.to(torch::kDouble) - wanted).norm() / wanted.norm()).item<double>(); }
    static Tensor exact(const Tensor& a, const Tensor& b) { return a.to(torch::kDouble).mm(b.to(torch::kDouble)); }
};

INSTANTIATE_TEST_SUITE_P(Shapes, TileProducts, testing::Values(Shape {512, 576, 960}, Shape {301, 624, 577}, Shape {1000, 2100, 70}, Shape {48, 1024, 576}, Shape {9000, 512, 33}));

// What float32 products themselves leave is 3e-7; without one of the cross terms it is 2e-3.
constexpr double kSplitTolerance = 1e-5;
constexpr double kSumTolerance = 1e-6, kRoundedTolerance = 3e-3;

TEST_P(TileProducts, OfFloat32KeepSixteenBits)
{
    const auto [M, K, N] = GetParam();
    for (const bool isLeftAcross : {false, true}) {
        for (const bool isRightAcross : {false, true}) {
            const auto a = random(M, K, isLeftAcross, torch::kFloat), b = random(K, N, isRightAcross, torch::kFloat), out = torch::full({M, N}, NAN);
            ASSERT_TRUE(model::servesTileProduct(out, a, b));
            model::tileProduct(out, a, b, {});
            EXPECT_LT(distance(out, exact(a, b)), kSplitTolerance) << isLeftAcross << isRightAcross;

            const auto sum = torch::ones({M, N});
            model::tileProduct(sum, a, b, {.addend = sum, .scale = 0.5});
            EXPECT_LT(distance(sum, 1 + 0.5 * exact(a, b)), kSplitTolerance) << isLeftAcross << isRightAcross;
        }
    }
}

TEST_P(TileProducts, OfBfloat16AreSummedInFloat32)
{
    const auto [M, K, N] = GetParam();
    for (const bool isLeftAcross : {false, true}) {
        for (const bool isRightAcross : {false, true}) {
            const auto a = random(M, K, isLeftAcross, torch::kBFloat16), b = random(K, N, isRightAcross, torch::kBFloat16), out = torch::ones({M, N});
            model::tileProduct(out, a, b, {.addend = out});
            EXPECT_LT(distance(out, 1 + exact(a, b)), kSumTolerance) << isLeftAcross << isRightAcross;

            const auto rounded = torch::full({M, N}, NAN, torch::kBFloat16);
            model::tileProduct(rounded, a, b, {});
            EXPECT_LT(distance(rounded, exact(a, b)), kRoundedTolerance) << isLeftAcross << isRightAcross;
            const auto addend = torch::ones({M, N + 8}, torch::kBFloat16).narrow(1, 0, N);
            model::tileProduct(rounded, a, b, {.addend = addend});
            EXPECT_LT(distance(rounded, 1 + exact(a, b)), kRoundedTolerance) << "of another stride than the result " << isLeftAcross << isRightAcross;
            EXPECT_TRUE(addend.eq(1).all().item<bool>());
        }
    }
}

/// Weights that were stored in bfloat16 have no low plane; behind them, in the last block, stands a low-rank part that has one.
TEST_P(TileProducts, OfFloat32WithAndWithoutALowPlane)
{
    const auto [M, K, N] = GetParam();
    for (const bool isRightAcross : {false, true}) {
        const auto a = random(M, K, false, torch::kFloat), b = random(K, N, isRightAcross, torch::kFloat), out = torch::full({M, N}, NAN);
        b.copy_(b.to(torch::kBFloat16));
        for (const std::int64_t rows : {0, 5}) {
            b.narrow(0, K - rows, rows).add_(1e-3);
            model::tileProduct(out, a, b, {});
            EXPECT_LT(distance(out, exact(a, b)), kSplitTolerance) << isRightAcross << rows;
        }
    }
}

TEST_P(TileProducts, DoNotDependOnTheNumberOfThreads)
{
    const auto [M, K, N] = GetParam();
    const auto a = random(M, K, false, torch::kFloat), b = random(K, N, true, torch::kFloat), one = torch::empty({M, N}), two = torch::empty({M, N});
    const int before = at::get_num_threads();
    at::set_num_threads(1);
    model::tileProduct(one, a, b, {});
    at::set_num_threads(2);
    model::tileProduct(two, a, b, {});
    at::set_num_threads(before);
    EXPECT_TRUE(one.equal(two));
}

TEST(SplitProducts, ServeFloat32OnlyWhereTheyWereAskedFor)
{
    if (!model::kernels::hasAmx())
        GTEST_SKIP() << "this processor has no tile units";
    const auto a = torch::randn({256, 256}), b = torch::randn({256, 256}), plain = torch::empty({256, 256}), split = torch::empty({256, 256});
    {
        const model::SplitProducts splits;
        model::product(split, a, b);
    }
    model::product(plain, a, b);
    EXPECT_TRUE(plain.equal(a.mm(b)));
    EXPECT_FALSE(split.equal(plain));
}

families::ModelSpec specForTiles()
{
    auto spec = tinySpec();
    spec.hiddenSize = 256, spec.intermediateSize = 512, spec.headDim = 64, spec.vocabSize = 500;
    return spec;
}

/// Of which accumulate() splits the products and lossSum() does not.
TEST(SplitProducts, GiveADecoderTheLossAndTheGradientOfPlainFloat32)
{
    if (!model::kernels::hasAmx())
        GTEST_SKIP() << "this processor has no tile units";
    const auto spec = specForTiles();
    const auto model = tinyModel(spec, {.placement = {.trainsBase = true}});
    const auto batch = tinyBatch({70, 90, 60}, spec.vocabSize);
    const double plain = model->lossSum(batch).item<double>();

    const double split = model->accumulate(batch, 1.0).item<double>();

    EXPECT_NEAR(split / plain, 1.0, 1e-5);
    double square = 0;
    for (const auto* parameter : model->parameters())
        square += parameter->grad.to(torch::kDouble).pow(2).sum().item<double>();
    const double step = 2e-3 * plain / square;  // both ways together 0.4 % of the loss, which float32 gives to 1e-6
    const auto lossAt = [&](double distance) {
        for (const auto* parameter : model->parameters())
            at::Tensor(parameter->value).add_(parameter->grad, distance);
        model->parametersChanged();
        return model->lossSum(batch).item<double>();
    };
    const double above = lossAt(step), below = lossAt(-2 * step);
    EXPECT_NEAR((above - below) / (2 * step * square), 1.0, 1e-2);
}

/// A frozen float32 base that bfloat16 can hold is kept in the tiles' order for training; one that differs from it in one value is not.
TEST(SplitProducts, OfKeptWeightsGiveTheSameStep)
{
    if (!model::kernels::hasAmx())
        GTEST_SKIP() << "this processor has no tile units";
    const auto spec = specForTiles();
    for (const double dropout : {0.0, 0.1}) {
        const auto kept = tinyModel(spec, {.values = Values::OfBfloat16}), other = tinyModel(spec, {.values = Values::Nearly});
        const auto batch = tinyBatch({70, 90, 60}, spec.vocabSize);
        for (auto* model : {kept.get(), other.get()}) {
            torch::manual_seed(4);
            addAdapters(*model, dropout, 8);
            const double plain = model->lossSum(batch).item<double>();
            const auto merged = model->mergedWeight("model.layers.1.mlp.down_proj.weight").clone();
            model->setTraining(true);
            const double loss = model->lossSum(batch).item<double>();
            EXPECT_EQ(loss == plain, model == other.get());  // whose products are still plain ones
            EXPECT_NEAR(loss / plain, 1.0, 1e-5);
            EXPECT_TRUE(model->mergedWeight("model.layers.1.mlp.down_proj.weight").equal(merged));  // what leaves the model is what was read
        }
        EXPECT_NEAR(kept->accumulate(batch, 1.0).item<double>() / other->accumulate(batch, 1.0).item<double>(), 1.0, 1e-4);
        const auto ours = kept->parameters(), theirs = other->parameters();
        for (std::size_t i = 0; i < ours.size(); ++i)
            EXPECT_LT((ours[i]->grad - theirs[i]->grad).norm().item<double>(), 2e-3 * theirs[i]->grad.norm().item<double>()) << ours[i]->name << " " << dropout;
    }
}

}
}
