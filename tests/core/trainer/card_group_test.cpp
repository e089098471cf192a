// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/card_group.h"

#include "model/device.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace attune::tests {

using trainer::CardGroup;

TEST(CardGroup, ServesOneCardAProcess)
{
    EXPECT_TRUE(CardGroup::serves({{true, 11}, {true, 12}, {true, -3}}));
    EXPECT_FALSE(CardGroup::serves({{true, 11}, {true, 11}})) << "two processes on one card";
    EXPECT_FALSE(CardGroup::serves({{true, 11}, {false, 0}})) << "one of them computes on its processor";
    EXPECT_FALSE(CardGroup::serves({{false, 0}, {false, 0}}));
}

TEST(CardGroup, TheProcessorHasNoPlaceInIt)
{
    EXPECT_FALSE(CardGroup::placeOf(torch::kCPU).canJoin);
}

TEST(CardGroup, OfOneProcessLeavesValuesAsTheyAre)
{
    const auto device = model::resolveDevice("cuda");
    if (!device)
        GTEST_SKIP() << "no CUDA card here";
    ASSERT_TRUE(CardGroup::placeOf(*device).canJoin) << "libnccl.so.2 is missing beside LibTorch's CUDA library";
    EXPECT_FALSE(CardGroup::join("not an id", {}, *device));
    const auto group = CardGroup::join(CardGroup::makeId(), {}, *device);
    ASSERT_TRUE(group);
    const auto across = torch::randn({33, 7}, *device).t(), numbers = torch::arange(5, torch::TensorOptions(torch::kLong).device(*device));
    const auto wanted = across.clone(), wantedNumbers = numbers.clone();
    for (const bool isSum : {true, false}) {
        group->exchange({across, numbers}, isSum, std::chrono::seconds(30));
        EXPECT_TRUE(torch::equal(across, wanted));
        EXPECT_TRUE(torch::equal(numbers, wantedNumbers));
    }
}

}
