// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/command_match.h"

#include "ui/fixture.h"

namespace attune::shell {

TEST(CommandMatch, FindsLettersInTheirOrder)
{
    const auto match = matchLetters(QStringLiteral("exp"), QStringLiteral("Export support-bot-4…"));
    ASSERT_TRUE(match);
    EXPECT_EQ(match->letters, (QList<int> {0, 1, 2}));
    EXPECT_FALSE(matchLetters(QStringLiteral("pxe"), QStringLiteral("Export")));
    EXPECT_FALSE(matchLetters(QStringLiteral("exports all"), QStringLiteral("Export")));
    EXPECT_TRUE(matchLetters({}, QStringLiteral("anything")));
}

TEST(CommandMatch, PrefersStartsOfWords)
{
    const auto score = [](const char* text) { return matchLetters(QStringLiteral("nr"), QString::fromUtf8(text))->score; };
    EXPECT_GT(score("New run"), score("Runs another"));
    EXPECT_EQ(matchLetters(QStringLiteral("nr"), QStringLiteral("New run"))->letters, (QList<int> {0, 4}));
}

TEST(CommandMatch, PrefersLettersSideBySide)
{
    const auto score = [](const char* text) { return matchLetters(QStringLiteral("data"), QString::fromUtf8(text))->score; };
    EXPECT_GT(score("Add data"), score("Do a task again"));
}

}
