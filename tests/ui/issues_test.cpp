// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/cleaned_version.h"
#include "pipeline/dataset_issues.h"
#include "ui/dataset_window.h"

#include <QTextBrowser>

#include <gmock/gmock.h>

namespace attune::shell {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using tests::waitFor;

class Issues : public tests::DatasetWindow
{
protected:
    Issues()
    {
        import("chats", {row("Write to anna@example.org and to bob@example.org", "I wrote to both of them yesterday."), row("Where is info@example.org?", "That is our address for everything."),
                            row("Is it open?", "No."), row("Nothing to see here", "A plain answer of some length.")});
    }
    bool openTab()
    {
        return openDataset(QStringLiteral("chats")) && isOpened() && clickTab(QStringLiteral("issues"))
            && waitFor([this] { return find("finding-place") && !textOf("finding-place").isEmpty() && find("issue-drop") && find("issue-drop")->isEnabled(); });
    }
    std::string finding() { return find<QTextBrowser>("finding") ? find<QTextBrowser>("finding")->toPlainText().toStdString() : std::string(); }
    /// Waits until the issues of another version are shown.
    bool isAt(const QString& place)
    {
        return waitFor([&] { return textOf("finding-place") == place && find("issue-drop") && find("issue-drop")->isEnabled(); });
    }
    QString badge()
    {
        auto* tabs = find<QTabBar>("dataset-tabs");
        for (int i = 0; tabs && i < tabs->count(); ++i)
            if (tabs->tabData(i).toString() == QStringLiteral("issues"))
                if (auto* label = qobject_cast<QLabel*>(tabs->tabButton(i, QTabBar::RightSide)))
                    return label->text();
        return {};
    }
};

}

TEST_F(Issues, AreShownOneByOneInTheirRow)
{
    ASSERT_TRUE(openTab());
    EXPECT_EQ(textOf("finding-place"), QStringLiteral("1 of 3"));
    EXPECT_THAT(finding(), HasSubstr("E-mail address"));
    EXPECT_THAT(finding(), HasSubstr("anna@example.org"));
    EXPECT_THAT(finding(), HasSubstr("I wrote to both")) << "in context: the whole row";
    EXPECT_EQ(badge(), QStringLiteral("3")) << "two rows with addresses and one short answer";
    const auto stored = pipeline::storedIssues(*history, "chats");
    ASSERT_TRUE(stored && *stored) << "the report is kept";

    ASSERT_TRUE(clickRow("issue-kinds", QStringLiteral("Very short answer")));
    EXPECT_TRUE(waitFor([this] { return textOf("finding-place") == QStringLiteral("1 of 1"); }));
    EXPECT_EQ(find("issue-tag"), nullptr) << "an answer has no tag to be replaced with";
}

TEST_F(Issues, AreReplacedOneByOne)
{
    ASSERT_TRUE(openTab());
    ASSERT_TRUE(click("issue-tag"));
    ASSERT_TRUE(hasVersion("chats", 2));
    EXPECT_EQ(texts("chats", "question")[0], "Write to [EMAIL] and to bob@example.org");
    ASSERT_TRUE(isAt(QStringLiteral("1 of 2"))) << "the next one is shown";
    EXPECT_THAT(finding(), HasSubstr("bob@example.org"));
    ASSERT_TRUE(click("issue-pseudonym"));
    ASSERT_TRUE(hasVersion("chats", 3));
    EXPECT_THAT(texts("chats", "question")[0], testing::MatchesRegex("Write to \\[EMAIL\\] and to \\[EMAIL_[0-9A-F]+\\]"));
    ASSERT_TRUE(isAt(QStringLiteral("1 of 1")));
    EXPECT_EQ(badge(), QStringLiteral("2"));
    ASSERT_TRUE(click("issue-drop"));
    ASSERT_TRUE(hasVersion("chats", 4));
    EXPECT_EQ((*history->dataset("chats"))->rows, 3);
}

TEST_F(Issues, AreDroppedAllByOneStepAndComeBack)
{
    ASSERT_TRUE(openTab());
    ASSERT_TRUE(click("issue-drop-all"));
    ASSERT_TRUE(hasVersion("chats", 2));
    EXPECT_EQ((*history->dataset("chats"))->rows, 2);
    EXPECT_EQ(pipeline::stepsOf(**history->dataset("chats"))->size(), 1u);
    ASSERT_TRUE(waitFor([this] { return badge() == QStringLiteral("1"); }));
    ASSERT_TRUE(waitFor([this] { return button("Undo") != nullptr; }));
    QTest::mouseClick(button("Undo"), Qt::LeftButton);
    EXPECT_TRUE(waitFor([this] { return (*history->dataset("chats"))->rows == 4; }));
    EXPECT_TRUE(waitFor([this] { return badge() == QStringLiteral("3"); }));
}

TEST_F(Issues, ThatAreNoneArePassedOver)
{
    ASSERT_TRUE(openTab());
    ASSERT_TRUE(click("issue-accept"));
    ASSERT_TRUE(isAt(QStringLiteral("1 of 2")));
    EXPECT_THAT(finding(), HasSubstr("bob@example.org"));
    EXPECT_EQ((*history->dataset("chats"))->version, 1) << "no step: the rows stay as they are";
    EXPECT_THAT(pipeline::scanIgnores(*history, "chats")->values, ElementsAre("anna@example.org"));
    ASSERT_TRUE(clickRow("issue-kinds", QStringLiteral("Very short answer")));
    ASSERT_TRUE(waitFor([this] { return find("issue-accept") && textOf("finding-place") == QStringLiteral("1 of 1"); }));
    ASSERT_TRUE(click("issue-accept"));
    EXPECT_TRUE(waitFor([this] { return badge() == QStringLiteral("2"); }));
    EXPECT_EQ(pipeline::acceptedRows(*history, "chats")->size(), 1u);
}

}
