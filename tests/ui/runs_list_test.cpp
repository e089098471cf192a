// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/compare/compare_table.h"
#include "ui/window.h"
#include "widgets/chip.h"

#include <QCheckBox>
#include <QComboBox>
#include <QInputDialog>
#include <QLineEdit>
#include <QMenu>
#include <QTabBar>
#include <QTimer>

#include <gmock/gmock.h>

namespace attune::pages {
namespace {

using tests::waitFor;

class RunsList : public tests::WindowTest
{
protected:
    RunsList()
    {
        press(Qt::Key_5);
        EXPECT_TRUE(waitFor([this] { return runs() && runs()->shownRows() == 3; }));
    }
    using tests::WindowTest::press;
    /// Clicks a cell of a run's row.
    void clickCell(const std::string& run, int column, Qt::KeyboardModifiers modifiers = {})
    {
        auto* model = runs()->model();
        for (int row = 0; row < model->rowCount(); ++row)
            if (model->index(row, 1).data().toString().toStdString() == run)
                QTest::mouseClick(runs()->viewport(), Qt::LeftButton, modifiers, runs()->visualRect(model->index(row, column)).center());
    }
    plots::CurvePanel* chart()
    {
        for (auto* panel : window->page(shell::PageId::Runs)->findChildren<plots::CurvePanel*>())
            if (panel->isVisible())
                return panel;
        return nullptr;
    }
    QStringList names()
    {
        QStringList all;
        const auto lines = runs()->texts();
        for (qsizetype i = 1; i < lines.size(); ++i)
            all.append(lines[i].value(1));
        return all;
    }
};

}

TEST_F(RunsList, ShowTheNewestRunsUntilSomebodyChooses)
{
    ASSERT_TRUE(waitFor([this] { return chart() && chart()->toCsv().contains(QString::fromStdString(done)); }));
    EXPECT_FALSE(settings.contains(QStringLiteral("runs/shown")));
    // The table takes what its rows need, the chart has the rest.
    EXPECT_TRUE(waitFor([this] { return runs()->height() < chart()->height(); })) << runs()->height() << " " << chart()->height();
}

/// What appears with a selection has its place before: a second click meets the row that it aims at.
TEST_F(RunsList, KeepTheirPlaceWhenOneIsSelected)
{
    const auto place = [this] { return QRect(runs()->viewport()->mapTo(window.get(), QPoint()), runs()->viewport()->size()); };
    ASSERT_TRUE(waitFor([this] { return chart() && chart()->toCsv().contains(QString::fromStdString(done)); }));
    QTest::qWait(50);
    const auto before = place();
    clickCell(done, 1);
    ASSERT_TRUE(waitFor([this] { return button("Archive") != nullptr; }));
    EXPECT_EQ(place(), before);
    EXPECT_EQ(runs()->currentId().toStdString(), done);
}

TEST_F(RunsList, PutRunsIntoTheChartByTheirDots)
{
    for (const auto& run : {done, failed, running})
        clickCell(run, 0);  // the newest are there unasked
    ASSERT_TRUE(waitFor([this] { return !chart(); }));
    clickCell(done, 0);
    clickCell(failed, 0);
    ASSERT_TRUE(waitFor([this] { return chart() && chart()->toCsv().contains(QString::fromStdString(failed)); }));
    EXPECT_TRUE(chart()->toCsv().contains(QString::fromStdString(done)));
    EXPECT_TRUE(says(QStringLiteral("shown in the chart")));
    clickCell(failed, 0);
    EXPECT_TRUE(waitFor([this] { return !chart()->toCsv().contains(QString::fromStdString(failed)); }));
}

TEST_F(RunsList, FilterByChips)
{
    auto* filter = part<QLineEdit>("runs-filter");
    ASSERT_NE(filter, nullptr);
    QTest::keyClick(runs(), Qt::Key_F, Qt::ControlModifier);
    EXPECT_TRUE(filter->hasFocus());
    QTest::keyClicks(filter, QStringLiteral("steps > 100"));
    ASSERT_TRUE(waitFor([this] { return runs()->shownRows() == 2; })) << "it filters while one types";
    QTest::keyClick(filter, Qt::Key_Return);
    EXPECT_TRUE(filter->text().isEmpty());
    auto* chip = window->page(shell::PageId::Runs)->findChild<widgets::FilterChip*>();
    ASSERT_NE(chip, nullptr);
    EXPECT_EQ(runs()->shownRows(), 2);
    QTest::keyClicks(filter, QStringLiteral("story"));
    ASSERT_TRUE(waitFor([this] { return runs()->shownRows() == 1; }));
    filter->clear();
    ASSERT_TRUE(waitFor([&] { return chip->isVisible(); }));
    ASSERT_TRUE(click(chip));
    EXPECT_TRUE(waitFor([this] { return runs()->shownRows() == 3; }));
}

TEST_F(RunsList, GroupUnderHeadings)
{
    auto* group = part<QComboBox>("runs-group");
    ASSERT_NE(group, nullptr);
    group->setFocus();
    QTest::keyClick(group, Qt::Key_Down);
    ASSERT_TRUE(waitFor([this] { return runs()->shownRows() == 4; })) << "three runs and the heading of their model";
    EXPECT_TRUE(runs()->texts()[1][0].contains(QStringLiteral("best loss")));
    QTest::keyClick(group, Qt::Key_Up);
    EXPECT_TRUE(waitFor([this] { return runs()->shownRows() == 3; }));
}

TEST_F(RunsList, SortEmptyCellsLast)
{
    ASSERT_TRUE(history->createRun(*std::make_unique<store::RunRow>([] {
        store::RunRow row;
        row.name = "fresh";
        return row;
    }())));
    ASSERT_TRUE(waitFor([this] { return runs()->shownRows() == 4; }));
    const int loss = [this] {
        const auto head = runs()->model();
        for (int i = 0; i < head->columnCount(); ++i)
            if (head->headerData(i, Qt::Horizontal).toString() == QStringLiteral("Loss"))
                return i;
        return -1;
    }();
    for (const auto order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
        runs()->sortBy(loss, order);
        EXPECT_EQ(names().last(), QStringLiteral("fresh-1"));
    }
}

TEST_F(RunsList, ArchiveSeveralAndTakeThemBack)
{
    clickCell(done, 1);
    clickCell(failed, 1, Qt::ControlModifier);
    ASSERT_TRUE(waitFor([this] { return button("Archive") != nullptr; }));
    EXPECT_TRUE(says(QStringLiteral("2 selected")));
    ASSERT_TRUE(press("Archive"));
    ASSERT_TRUE(waitFor([this] { return runs()->shownRows() == 1; }));
    EXPECT_TRUE(history->run(done)->isArchived);
    ASSERT_TRUE(press("Undo"));
    EXPECT_TRUE(waitFor([this] { return runs()->shownRows() == 3; }));
    EXPECT_FALSE(history->run(failed)->isArchived);
}

TEST_F(RunsList, TagSeveral)
{
    clickCell(done, 1);
    clickCell(failed, 1, Qt::ControlModifier);
    QTimer::singleShot(200, window.get(), [] {
        auto* dialog = qobject_cast<QInputDialog*>(QApplication::activeModalWidget());
        ASSERT_NE(dialog, nullptr);
        dialog->setTextValue(QStringLiteral("keep, prod"));
        dialog->accept();
    });
    ASSERT_TRUE(press("Tag…"));
    EXPECT_TRUE(waitFor([this] { return history->run(done)->tags.size() == 2 && history->run(failed)->tags.size() == 2; }));
}

/// ux.md §10.4: compare two runs in four clicks: Runs, tick, tick, Compare.
TEST_F(RunsList, CompareInFourClicks)
{
    auto* place = window->findChild<QAbstractButton*>(QStringLiteral("nav-runs"));
    ASSERT_TRUE(click(place));
    clickCell(done, 1);
    clickCell(failed, 1, Qt::ControlModifier);
    ASSERT_TRUE(click(part<QPushButton>("runs-compare")));
    auto* tabs = part<QTabBar>("compare-tabs");
    ASSERT_NE(tabs, nullptr);
    auto* table = part<widgets::Table>("compare-table");
    ASSERT_TRUE(waitFor([&] { return (table = part<widgets::Table>("compare-table")) && table->shownRows() > 5; }));
    EXPECT_EQ(window->windowTitle().toStdString().substr(0, 14), "Compare 2 runs");
}

TEST_F(RunsList, CompareShowsDifferencesOnly)
{
    window->open(shell::PageId::Runs, QString::fromStdString(done + "," + failed + "," + running));
    widgets::Table* table = nullptr;
    ASSERT_TRUE(waitFor([&] { return (table = part<widgets::Table>("compare-table")) && table->shownRows() > 5; }));
    const int different = table->shownRows();
    QCheckBox* only = part<QCheckBox>("differences-only");
    ASSERT_NE(only, nullptr);
    QTest::mouseClick(only, Qt::LeftButton, {}, QPoint(8, only->height() / 2));
    ASSERT_TRUE(waitFor([&] { return part<widgets::Table>("compare-table")->shownRows() > different; }));
    // The baseline can be another run.
    auto* chip = part<QAbstractButton>(("run-chip-" + failed).c_str());
    ASSERT_NE(chip, nullptr);
    QTimer::singleShot(200, window.get(), [] {
        auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
        ASSERT_NE(menu, nullptr);
        QTest::keyClick(menu, Qt::Key_Down);
        QTest::keyClick(menu, Qt::Key_Return);
    });
    QTest::mouseClick(chip, Qt::LeftButton);
    EXPECT_TRUE(waitFor([&] {
        auto* now = part<QAbstractButton>(("run-chip-" + failed).c_str());
        return now && now->accessibleName().contains(QStringLiteral("baseline"));
    }));
}

}
