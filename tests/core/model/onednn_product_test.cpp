// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/onednn_product.h"
#include "model/products.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace attune::tests {
namespace {

using torch::Tensor;

/// rows by columns within a wider buffer, or as the transposed view of one.
Tensor random(std::int64_t rows, std::int64_t columns, bool isAcross)
{
    const auto wide = torch::randn({isAcross ? columns : rows, (isAcross ? rows : columns) + 7});
    const auto part = wide.narrow(1, 3, isAcross ? rows : columns);
    return isAcross ? part.t() : part;
}

double distance(const Tensor& value, const Tensor& wanted)
{
    return ((value.to(torch::kDouble) - wanted).norm() / wanted.norm()).item<double>();
}

constexpr double kTolerance = 1e-6;

/// Of every layout, against float64 products of the same values.
TEST(OneDnnProduct, IsTheProductOfEveryLayout)
{
    if (!__builtin_cpu_supports("avx512bw"))
        GTEST_SKIP() << "LibTorch asks for AVX-512 here";
    torch::manual_seed(5);
    for (const auto [M, K, N] : {std::array<std::int64_t, 3> {301, 624, 577}, {16, 2048, 576}, {2048, 48, 33}}) {
        for (const bool isLeftAcross : {false, true}) {
            for (const bool isRightAcross : {false, true}) {
                const auto a = random(M, K, isLeftAcross), b = random(K, N, isRightAcross), out = torch::full({M, N + 5}, NAN).narrow(1, 2, N);
                const auto exact = a.to(torch::kDouble).mm(b.to(torch::kDouble));
                ASSERT_TRUE(model::servesOneDnnProduct(out, a, b));
                model::oneDnnProduct(out, a, b, 1.0, false);
                EXPECT_LT(distance(out, exact), kTolerance) << M << isLeftAcross << isRightAcross;
                out.fill_(2);
                model::oneDnnProduct(out, a, b, 0.5, true);
                EXPECT_LT(distance(out, 2 + 0.5 * exact), kTolerance) << M << isLeftAcross << isRightAcross;
            }
        }
    }
}

TEST(OneDnnProduct, LeavesWhatItDoesNotServe)
{
    const auto matrix = [](auto... size) { return torch::zeros({size...}); };
    EXPECT_TRUE(model::servesOneDnnProduct(matrix(256, 64), matrix(256, 128), matrix(128, 64)));
    EXPECT_FALSE(model::servesOneDnnProduct(matrix(4, 4), matrix(4, 4), matrix(4, 4))) << "too little work";
    EXPECT_FALSE(model::servesOneDnnProduct(matrix(64, 256).t(), matrix(256, 128), matrix(128, 64))) << "a result by columns";
    EXPECT_FALSE(model::servesOneDnnProduct(matrix(256, 64), matrix(256, 256).slice(1, 0, 256, 2), matrix(128, 64))) << "a side with gaps";
    EXPECT_FALSE(model::servesOneDnnProduct(matrix(256, 64), matrix(1, 128).expand({256, 128}), matrix(128, 64))) << "one row for all";
    EXPECT_FALSE(model::servesOneDnnProduct(matrix(256, 64).to(torch::kBFloat16), matrix(256, 128).to(torch::kBFloat16), matrix(128, 64).to(torch::kBFloat16)));
}

/// Whatever serves them here, products and sums of float32 are what ATen's are.
TEST(Products, OfFloat32AreAtens)
{
    torch::manual_seed(6);
    const auto a = random(320, 200, false), b = random(200, 144, true), addend = torch::randn({320, 144});
    const auto exact = a.to(torch::kDouble).mm(b.to(torch::kDouble));
    const auto out = torch::empty({320, 144});
    model::product(out, a, b);
    EXPECT_LT(distance(out, exact), kTolerance);
    model::addProduct(out, addend, a, b);
    EXPECT_LT(distance(out, addend + exact), kTolerance);
    model::addProduct(out, out, a, b);
    EXPECT_LT(distance(out, addend + 2 * exact), kTolerance) << "in place";
    const auto across = torch::full({144, 320}, NAN).t();
    model::addScaledProduct(across, a, b, 0.25, false);
    EXPECT_LT(distance(across, 0.25 * exact), kTolerance);
    model::addScaledProduct(across, a, b, 0.5);
    EXPECT_LT(distance(across, 0.75 * exact), kTolerance);
}

}
}
