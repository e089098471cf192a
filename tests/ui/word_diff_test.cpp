// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/word_diff.h"

#include "style/theme.h"
#include "style/tokens.h"
#include "ui/fixture.h"

namespace attune::widgets {
namespace {

QString joined(const QList<DiffPart>& parts, DiffPart::Kind left)
{
    QString text;
    for (const auto& part : parts)
        if (part.kind != left)
            text += part.text;
    return text;
}

class WordDiffTest : public tests::UiTest
{
protected:
    ~WordDiffTest() override { style::applyTheme(style::Theme::Light); }
};

}

TEST_F(WordDiffTest, MarksWhatChanged)
{
    const auto parts = wordDiff(QStringLiteral("Your refund arrives within 3 days."), QStringLiteral("Your refund arrives within three working days."));
    ASSERT_EQ(parts.size(), 4);
    EXPECT_EQ(parts[1].text.trimmed(), QStringLiteral("3"));
    EXPECT_EQ(parts[1].kind, DiffPart::Kind::Removed);
    EXPECT_EQ(parts[2].text.trimmed(), QStringLiteral("three working"));
    EXPECT_EQ(parts[2].kind, DiffPart::Kind::Added);
}

TEST_F(WordDiffTest, GivesBothTextsBack)
{
    for (const auto& [from, to] : {std::pair {QStringLiteral("a b c d"), QStringLiteral("b x d e")}, {QStringLiteral(""), QStringLiteral("new words")}, {QStringLiteral("gone"), QStringLiteral("")},
             {QStringLiteral("same\nlines here"), QStringLiteral("same\nlines here")}}) {
        const auto parts = wordDiff(from, to);
        EXPECT_EQ(joined(parts, DiffPart::Kind::Removed), to);
    }
}

TEST_F(WordDiffTest, FollowsTheTheme)
{
    DiffLabel label;
    label.setTexts(QStringLiteral("old word"), QStringLiteral("new word"));
    EXPECT_TRUE(label.QLabel::text().contains(style::lightTokens().addBg.name()));
    style::applyTheme(style::Theme::Dark);
    EXPECT_TRUE(tests::waitFor([&] { return label.QLabel::text().contains(style::darkTokens().addBg.name()); }));
}

TEST_F(WordDiffTest, TellsWhereAWordBegins)
{
    DiffLabel label;
    label.setWordsClickable(true);
    label.setTexts(QStringLiteral("I am here"), QStringLiteral("I am not here"));
    // "not" begins at 5, "here" at 9.
    EXPECT_TRUE(label.QLabel::text().contains(QStringLiteral("href=\"5\"")));
    EXPECT_TRUE(label.QLabel::text().contains(QStringLiteral("href=\"9\"")));
    int at = -1;
    QObject::connect(&label, &DiffLabel::wordClicked, &label, [&](int position) { at = position; });
    emit label.linkActivated(QStringLiteral("9"));
    EXPECT_EQ(at, 9);
}

TEST_F(WordDiffTest, EscapesWhatLooksLikeMarkup)
{
    DiffLabel label;
    label.setPlain(QStringLiteral("<b>12</b> & more"));
    EXPECT_FALSE(label.QLabel::text().contains(QStringLiteral("<b>")));
}

}
