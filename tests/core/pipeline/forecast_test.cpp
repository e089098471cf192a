// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/forecast.h"

#include <gtest/gtest.h>

namespace attune::pipeline {
namespace {

TEST(Forecast, CountsAFilesOwnBlocksInFloat32WhereTheTypeIsOpen)
{
    Recipe recipe;
    ASSERT_TRUE(recipe.set("runtime.device", "cpu"));
    ASSERT_TRUE(recipe.set("model.quantization", "keep"));
    EXPECT_EQ(planInput(recipe, nullptr)->dtype, "float32");
    ASSERT_TRUE(recipe.set("model.dtype", "bfloat16"));
    EXPECT_EQ(planInput(recipe, nullptr)->dtype, "bfloat16");
}

TEST(Forecast, KnowsThatLabelledRowsAreCounted)
{
    Recipe recipe;
    ASSERT_TRUE(recipe.set("runtime.device", "cpu"));
    EXPECT_TRUE(planInput(recipe, nullptr)->isPacked);
    ASSERT_TRUE(recipe.set("objective.type", "classification"));
    EXPECT_FALSE(planInput(recipe, nullptr)->isPacked);
}

}
}
