// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/rows_tab.h"
#include "ui/dataset_window.h"
#include "widgets/panel.h"

#include <QCheckBox>
#include <QLineEdit>

#include <gmock/gmock.h>

namespace attune::pages {
namespace {

using testing::HasSubstr;
using testing::Not;
using tests::waitFor;

/// A dataset whose file is no longer what was imported.
class SourceBar : public tests::DatasetWindow
{
protected:
    SourceBar() { import("sums", {row("What is one and one?", "Two."), row("What is one and two?", "Three.")}); }

    std::string file() const { return dir.path("sums.jsonl"); }
    void open(const char* object)
    {
        window->open(shell::PageId::Datasets, QLatin1String(object));
        EXPECT_TRUE(waitFor([this] { return bar() != nullptr; }));
    }
    widgets::MessageBar* bar()
    {
        const auto bars = window->page(shell::PageId::Datasets)->findChildren<widgets::MessageBar*>();
        for (auto* one : bars)
            if (one->isVisible())
                return one;
        return nullptr;
    }
    /// All that the page says.
    std::string said()
    {
        QStringList all;
        for (auto* label : window->page(shell::PageId::Datasets)->findChildren<QLabel*>())
            if (label->isVisible())
                all.append(label->text());
        return all.join(QLatin1Char('|')).toStdString();
    }
};

TEST_F(SourceBar, SaysOnceThatTheFileIsGone)
{
    fs::remove(file());
    open("sums#rows");

    const std::string sentence = "The file " + file() + " of the dataset sums is gone. Put it back, or say where it is now: its rows become a new version.";
    EXPECT_THAT(said(), HasSubstr(sentence));
    EXPECT_EQ(said().find("is gone"), said().rfind("is gone"));
    auto* rows = window->page(shell::PageId::Datasets)->findChild<RowsTab*>();
    EXPECT_EQ(rows->grid().rowCount(), 0);
    EXPECT_TRUE(rows->filter().isUnreadable());
    ASSERT_NE(find<QPushButton>("import-again"), nullptr);
    EXPECT_EQ(find<QPushButton>("import-again")->text(), QStringLiteral("Locate file…"));

    ASSERT_TRUE(clickTab(QStringLiteral("overview")));
    EXPECT_THAT(said(), HasSubstr(sentence));
    EXPECT_THAT(said(), Not(HasSubstr("counting")));
    EXPECT_THAT(said(), Not(HasSubstr("Looking at all rows")));
}

TEST_F(SourceBar, ImportsAChangedFileAsTheNextVersion)
{
    write("sums.jsonl", {row("What is two and two?", "Four."), row("What is two and three?", "Five."), row("What is two and four?", "Six.")});
    open("sums");
    EXPECT_THAT(said(), HasSubstr("The file " + file() + " of the dataset sums has changed since it was imported."));
    EXPECT_EQ(find<QPushButton>("import-again")->text(), QStringLiteral("Import again…"));

    ASSERT_TRUE(click("import-again"));
    ASSERT_TRUE(waitFor([this] { return find<QLineEdit>("import-name") != nullptr; }));
    EXPECT_EQ(find<QLineEdit>("import-name")->text(), QStringLiteral("sums"));
    ASSERT_TRUE(waitFor([this] { return find<QCheckBox>("import-replace") != nullptr; }));
    EXPECT_TRUE(find<QCheckBox>("import-replace")->isChecked());
    ASSERT_TRUE(click("add-rows"));
    EXPECT_TRUE(hasVersion("sums", 2));
    EXPECT_TRUE(waitFor([this] { return window->page(shell::PageId::Datasets)->findChild<RowsTab*>()->grid().rowCount() == 3; }));
    EXPECT_THAT(said(), Not(HasSubstr("has changed")));
}

}
}
