// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/rope.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <cmath>

namespace attune::model {

/// A fresh process once in 500 had a table that was off by a thousandth: two threads met in MKL's first call.
TEST(RopeTable, IsTheCosineAndSineOfFloatAngles)
{
    families::ModelSpec spec;
    spec.headDim = 64;
    spec.contextLength = 4096;
    spec.rope.theta = 10000;
    RopeTable rope(spec, at::kCPU);

    const auto table = rope.forLength(2000);

    ASSERT_EQ(table.sizes(), (at::IntArrayRef {2048, 2, 32}));
    const auto values = table.accessor<float, 3>();
    for (std::int64_t p = 0; p < 2048; ++p)
        for (std::int64_t i = 0; i < 32; ++i) {
            const float angle = static_cast<float>(p) * static_cast<float>(std::pow(10000.0, -2.0 * static_cast<double>(i) / 64));
            ASSERT_NEAR(values[p][0][i], std::cos(static_cast<double>(angle)), 1e-7) << p << ' ' << i;
            ASSERT_NEAR(values[p][1][i], std::sin(static_cast<double>(angle)), 1e-7) << p << ' ' << i;
        }
}

TEST(RopeTable, GrowsInStepsAndKeepsWhatWasThere)
{
    families::ModelSpec spec;
    spec.headDim = 8;
    RopeTable rope(spec, at::kCPU);
    const auto first = rope.forLength(10).clone();

    EXPECT_EQ(first.size(0), 1024);
    EXPECT_EQ(rope.forLength(1025).size(0), 2048);
    EXPECT_TRUE(at::equal(rope.forLength(1025).narrow(0, 0, 1024), first));
}

}
