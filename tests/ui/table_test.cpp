// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/table.h"

#include "importer/import.h"
#include "importer/source_dataset.h"
#include "models/dataset_model.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "style/tokens.h"
#include "support/paths.h"
#include "ui/fixture.h"

#include <QAbstractItemModelTester>
#include <QHoverEvent>
#include <QSignalSpy>
#include <QTest>

namespace attune::widgets {
namespace {

TableRow rowOf(const char* id, const char* name, int steps)
{
    return {QLatin1String(id), {Cell {.text = QLatin1String(name)}, Cell {.text = QString::number(steps), .sort = steps}}, false};
}

QStringList shown(const Table& table)
{
    QStringList names;
    for (int i = 0; i < table.model()->rowCount(); ++i)
        names.append(table.model()->index(i, 0).data().toString());
    return names;
}

class TableTest : public tests::UiTest
{
protected:
    TableTest()
    {
        table.resize(400, 300);
        table.setRows({rowOf("a", "gamma", 9), rowOf("b", "Alpha", 100), rowOf("c", "beta", 20)});
    }
    Table table {{{QStringLiteral("Run"), 0}, {QStringLiteral("Steps"), 90, true}}};
};

}

TEST_F(TableTest, ShowsRowsInTheOrderGivenUntilOneSorts)
{
    EXPECT_EQ(shown(table), QStringList({QStringLiteral("gamma"), QStringLiteral("Alpha"), QStringLiteral("beta")}));
}

TEST_F(TableTest, SortsNumbersAsNumbersAndTextWithoutCase)
{
    table.sortBy(1, Qt::AscendingOrder);
    EXPECT_EQ(shown(table), QStringList({QStringLiteral("gamma"), QStringLiteral("beta"), QStringLiteral("Alpha")}));
    table.sortBy(1, Qt::DescendingOrder);
    EXPECT_EQ(shown(table).first(), QStringLiteral("Alpha"));
    table.sortBy(0, Qt::AscendingOrder);
    EXPECT_EQ(shown(table), QStringList({QStringLiteral("Alpha"), QStringLiteral("beta"), QStringLiteral("gamma")}));
}

/// The row is one object: the light under the mouse says so.
TEST_F(TableTest, LightsTheWholeRowUnderTheMouse)
{
    table.setSelectionMode(QAbstractItemView::NoSelection);
    table.show();
    const QRect first = table.visualRect(table.model()->index(1, 0)), second = table.visualRect(table.model()->index(1, 1));
    QHoverEvent over(QEvent::HoverMove, first.center(), table.viewport()->mapToGlobal(first.center()), QPointF());
    QApplication::sendEvent(table.viewport(), &over);
    const auto groundAt = [&](const QPoint& at) { return table.viewport()->grab().toImage().pixelColor(at); };
    EXPECT_EQ(groundAt(first.topLeft() + QPoint(2, 2)), style::tokens().hover);
    EXPECT_EQ(groundAt(second.topLeft() + QPoint(2, 2)), style::tokens().hover);
    const QPoint below = second.topLeft() + QPoint(2, 2 + second.height());
    EXPECT_NE(groundAt(below), style::tokens().hover);
    QHoverEvent out(QEvent::HoverLeave, QPointF(-1, -1), QPointF(-1, -1), first.center());
    QApplication::sendEvent(table.viewport(), &out);
    EXPECT_NE(groundAt(second.topLeft() + QPoint(2, 2)), style::tokens().hover);
}

TEST_F(TableTest, ShortensNoTitle)
{
    Table narrow {{{QStringLiteral("Run"), 0}, {QStringLiteral("Tokens of all rows that were seen"), 60, true}, {QStringLiteral("State"), 60}}};
    narrow.resize(300, 200);
    TableRow row = rowOf("a", "gamma", 9);
    row.cells.append(Cell {.text = QStringLiteral("interrupted by the system")});
    narrow.setRows({row});
    narrow.show();
    EXPECT_GT(narrow.columnWidth(1), QFontMetrics(style::caption(style::Weight::SemiBold)).horizontalAdvance(QStringLiteral("Tokens of all rows that were seen")));
    EXPECT_EQ(narrow.columnWidth(2), style::scaled(60)) << "what is in a column is data";
    narrow.resize(900, 200);
    EXPECT_GT(narrow.columnWidth(2), QFontMetrics(style::body()).horizontalAdvance(QStringLiteral("interrupted by the system"))) << "where there is room it is whole";
}

TEST_F(TableTest, FiltersOverAllCells)
{
    table.setFilter(QStringLiteral("ALP"));
    EXPECT_EQ(shown(table), QStringList({QStringLiteral("Alpha")}));
    table.setFilter(QStringLiteral("20"));
    EXPECT_EQ(shown(table), QStringList({QStringLiteral("beta")}));
    table.setFilter(QStringLiteral("a.*"));
    EXPECT_EQ(table.shownRows(), 0) << "what one types is text, no pattern";
    table.setFilter({});
    EXPECT_EQ(table.shownRows(), 3);
}

TEST_F(TableTest, KeepsTheSelectionByIdWhenRowsAreSetAgain)
{
    table.setMultiSelection(true);
    table.selectId(QStringLiteral("c"));
    ASSERT_EQ(table.currentId(), QStringLiteral("c"));
    QSignalSpy moved(&table, &Table::selectionMoved);

    table.setRows({rowOf("new", "delta", 1), rowOf("c", "beta", 21), rowOf("a", "gamma", 9)});
    EXPECT_EQ(table.selectedIds(), QStringList({QStringLiteral("c")}));
    EXPECT_EQ(moved.count(), 0);

    table.setRows({rowOf("a", "gamma", 9)});
    EXPECT_TRUE(table.selectedIds().isEmpty());
    EXPECT_EQ(moved.count(), 1) << "what stood on the selection must hear that it is gone";
}

TEST_F(TableTest, StillShowsTheSelectionAfterRowsAreSetAgain)
{
    table.selectId(QStringLiteral("c"));
    table.setRows({rowOf("c", "beta", 21), rowOf("a", "gamma", 9)});
    const QImage selected = table.grab().toImage();
    table.clearSelection();
    EXPECT_NE(table.grab().toImage(), selected);
}

TEST_F(TableTest, GoesOnFromTheSelectedRowByKeys)
{
    table.show();
    table.selectId(QStringLiteral("b"));
    table.setRows({rowOf("a", "gamma", 9), rowOf("b", "Alpha", 100), rowOf("c", "beta", 20)});
    QTest::keyClick(&table, Qt::Key_Down);
    EXPECT_EQ(table.currentId(), QStringLiteral("c"));
}

TEST_F(TableTest, OpensByReturnAndDoubleClick)
{
    table.show();
    QSignalSpy opened(&table, &Table::opened);
    QTest::keyClick(&table, Qt::Key_Return);
    EXPECT_EQ(opened.count(), 0) << "nothing is selected";
    table.selectId(QStringLiteral("b"));
    QTest::keyClick(&table, Qt::Key_Return);
    ASSERT_EQ(opened.count(), 1);
    EXPECT_EQ(opened.last()[0].toString(), QStringLiteral("b"));
    const QPoint at = table.visualRect(table.model()->index(2, 0)).center();
    QTest::mouseClick(table.viewport(), Qt::LeftButton, {}, at);
    QTest::mouseDClick(table.viewport(), Qt::LeftButton, {}, at);
    ASSERT_EQ(opened.count(), 2);
    EXPECT_EQ(opened.last()[0].toString(), QStringLiteral("c"));
}

TEST_F(TableTest, TakesRowsWithFewerCellsThanColumns)
{
    tests::QtMessages messages;
    table.setRows({{QStringLiteral("short"), {Cell {.text = QStringLiteral("only one")}}, true}, {QStringLiteral("none"), {}, false}});
    table.show();
    EXPECT_GT(tests::coloursOf(table), 2);
    table.sortBy(1, Qt::AscendingOrder);
    EXPECT_EQ(table.shownRows(), 2);
    EXPECT_EQ(messages.text(), "");
}

TEST_F(TableTest, ShowsTheRowsOfADatasetByAWellBehavedModel)
{
    tests::TempDir dir;
    std::string text;
    for (int i = 0; i < 300; ++i)
        text += "{\"question\": \"What is " + std::to_string(i) + "?\\nSay it.\", \"answer\": \"" + std::to_string(i) + "\", \"level\": " + std::to_string(i % 3) + "}\n";
    ASSERT_TRUE(importer::importFiles({dir.write("rows.jsonl", text)}, dir.path("index"), {}, {}));
    auto dataset = importer::SourceDataset::open("rows", dir.path("index"));
    ASSERT_TRUE(dataset);

    models::DatasetModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    EXPECT_EQ(model.rowCount(), 0);
    EXPECT_EQ(model.columnCount(), 0);
    model.setDataset(*dataset);

    ASSERT_EQ(model.rowCount(), 300);
    ASSERT_EQ(model.columnCount(), 4);
    EXPECT_EQ(model.index(17, 1).data().toString(), QStringLiteral("What is 17?\u23CESay it."));
    EXPECT_EQ(model.index(299, 3).data().toString(), QStringLiteral("2"));
    EXPECT_TRUE(model.headerData(1, Qt::Horizontal, Qt::DisplayRole).toString().startsWith(QStringLiteral("question")));
    EXPECT_FALSE(model.index(300, 1).isValid());
    model.setDataset(nullptr);
    EXPECT_EQ(model.rowCount(), 0);
}

TEST(CellText, IsOneLineOfTheValue)
{
    EXPECT_EQ(models::cellText(nullptr), QStringLiteral("–"));
    EXPECT_EQ(models::cellText("a\nb"), QStringLiteral("a\u23CEb"));
    EXPECT_EQ(models::cellText(3), QStringLiteral("3"));
    EXPECT_EQ(models::cellText({1, 2}), QStringLiteral("[1,2]"));
    EXPECT_EQ(models::cellText(std::string(5000, 'x')).size(), 400);
}

}
