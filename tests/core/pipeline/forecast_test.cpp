// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/forecast.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>

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

TEST(Forecast, SaysThatALimitOfTheCardCannotBeRead)
{
    const auto limitOf = [](const char* text) {
        ::setenv("ATTUNE_CUDA_MEMORY_LIMIT", text, 1);
        const auto found = std::pair(cardLimitBytes(), cardLimitProblem());
        ::unsetenv("ATTUNE_CUDA_MEMORY_LIMIT");
        return found;
    };
    constexpr auto kNone = std::numeric_limits<std::int64_t>::max();

    EXPECT_EQ(limitOf("4096"), std::pair(std::int64_t(4096) << 20, std::string()));
    for (const char* text : {"8 GiB", "8192MiB", "-1", "0", "a"}) {
        EXPECT_EQ(limitOf(text).first, kNone) << text;
        EXPECT_NE(limitOf(text).second.find(text), std::string::npos) << "it names what was given";
    }
    EXPECT_EQ(cardLimitBytes(), kNone);
    EXPECT_EQ(cardLimitProblem(), "");
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
