// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/edit_distance.h"

#include <gtest/gtest.h>

namespace attune {

TEST(EditDistance, CountsATranspositionAsOne)
{
    EXPECT_EQ(editDistance("lora_alhpa", "lora_alpha"), 1);
    EXPECT_EQ(editDistance("", "abc"), 3);
}

TEST(Nearest, ProposesOnlyWhatIsNear)
{
    const std::vector<std::string> names {"dedupe", "import", "stats"};

    EXPECT_EQ(nearest("dedpue", names), "dedupe");
    EXPECT_EQ(nearest("frobnicate", names), "");
}

}
