// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/diff_label.h"

#include "style/theme.h"
#include "style/tokens.h"
#include "ui/fixture.h"

#include <QRegularExpression>

namespace attune::widgets {
namespace {

class DiffLabelTest : public tests::UiTest
{
protected:
    ~DiffLabelTest() override { style::applyTheme(style::Theme::Light); }
};

}

TEST_F(DiffLabelTest, ShowsBothSidesOfAChange)
{
    DiffLabel label;
    label.setTexts(QStringLiteral("Your refund arrives within 3 days."), QStringLiteral("Your refund arrives within three working days."));
    EXPECT_TRUE(label.QLabel::text().contains(QRegularExpression(QStringLiteral("line-through\">3</span> <span [^>]*>three working</span>")))) << label.QLabel::text().toStdString();
    EXPECT_EQ(label.differences(), 3);
    EXPECT_EQ(label.plain(), QStringLiteral("Your refund arrives within three working days."));
}

TEST_F(DiffLabelTest, LeavesOutWhatIsGoneWhereOnlyDifferencesAreAsked)
{
    DiffLabel label;
    label.setTexts(QStringLiteral("in 3 days, sir"), QStringLiteral("in two days"), DiffStyle::Different);
    EXPECT_FALSE(label.QLabel::text().contains(QStringLiteral("line-through")));
    EXPECT_FALSE(label.QLabel::text().contains(QStringLiteral("sir")));
}

TEST_F(DiffLabelTest, FollowsTheTheme)
{
    DiffLabel label;
    label.setTexts(QStringLiteral("old word"), QStringLiteral("new word"));
    EXPECT_TRUE(label.QLabel::text().contains(style::lightTokens().addBg.name()));
    style::applyTheme(style::Theme::Dark);
    EXPECT_TRUE(tests::waitFor([&] { return label.QLabel::text().contains(style::darkTokens().addBg.name()); }));
}

TEST_F(DiffLabelTest, TellsWhereAWordBegins)
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

TEST_F(DiffLabelTest, EscapesWhatLooksLikeMarkup)
{
    DiffLabel label;
    label.setPlain(QStringLiteral("<b>12</b> & more"));
    EXPECT_FALSE(label.QLabel::text().contains(QStringLiteral("<b>")));
}

}
