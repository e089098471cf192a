// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/runs/run_filter.h"

#include "ui/fixture.h"

namespace attune::pages {
namespace {

ListedRun run(const std::string& id, double loss, const std::string& model, std::vector<std::string> tags = {})
{
    ListedRun one;
    one.row.id = id;
    one.row.trainLoss = loss;
    one.row.model = model;
    one.row.tags = std::move(tags);
    return one;
}

}

TEST(RunFilter, ReadsConditions)
{
    const auto loss = parseCondition(QStringLiteral("loss < 1.2"));
    ASSERT_TRUE(loss);
    EXPECT_TRUE(loss->holds(run("a", 1.1, "m")));
    EXPECT_FALSE(loss->holds(run("a", 1.3, "m")));
    const auto tag = parseCondition(QStringLiteral("tag: prod"));
    ASSERT_TRUE(tag);
    EXPECT_TRUE(tag->holds(run("a", 1, "m", {"Prod", "old"})));
    EXPECT_FALSE(tag->holds(run("a", 1, "m")));
    const auto model = parseCondition(QStringLiteral("model ~ qwen"));
    ASSERT_TRUE(model);
    EXPECT_TRUE(model->holds(run("a", 1, "Qwen2.5-0.5B")));
    EXPECT_TRUE(parseCondition(QStringLiteral("loss >= 1,5"))->holds(run("a", 1.5, "m"))) << "a comma is a decimal point too";
}

TEST(RunFilter, TakesOtherTextAsText)
{
    EXPECT_FALSE(parseCondition(QStringLiteral("support-bot")));
    EXPECT_FALSE(parseCondition(QStringLiteral("ratio: 5")));
    EXPECT_FALSE(parseCondition(QStringLiteral("loss <")));
    EXPECT_TRUE(containsText(run("support-bot-1", 1, "m"), QStringLiteral("BOT")));
    EXPECT_FALSE(containsText(run("support-bot-1", 1, "m"), QStringLiteral("story")));
}

TEST(RunFilter, LeavesRunsWithoutAValueOut)
{
    ListedRun none;
    none.row.id = "fresh";
    EXPECT_FALSE(parseCondition(QStringLiteral("loss < 100"))->holds(none));
    EXPECT_TRUE(parseCondition(QStringLiteral("loss != 3"))->holds(none));
}

}
