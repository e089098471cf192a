// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/row_grid.h"

#include "pages/dataset/row_header.h"
#include "support/paths.h"
#include "ui/fixture.h"

#include <QElapsedTimer>
#include <QScreen>
#include <QScrollBar>
#include <QTest>

#include <gmock/gmock.h>

namespace attune::pages {
namespace {

using testing::HasSubstr;
using tests::waitFor;

/// Rows that are made when they are read.
class MadeRows final : public importer::Dataset
{
public:
    explicit MadeRows(std::int64_t rows)
        : m_rows(rows)
    {
    }
    const std::string& name() const override { return m_name; }
    std::int64_t rows() const override { return m_rows; }
    const std::vector<importer::Column>& columns() const override { return m_columns; }
    Status read(std::int64_t row, importer::Row& out) const override
    {
        out.reset(3);
        out.setText(0, "Question number " + std::to_string(row) + ": what is the colour of the sky at the place and the hour that the letter speaks of?");
        out.setText(1, "The answer to " + std::to_string(row) + " stands on page " + std::to_string(row % 900) + " of the second book, where nobody looks for it.");
        out.setText(2, row % 2 ? "odd" : "even");
        return {};
    }
    Result<Json> values(std::int64_t row) const override { return Json {{"question", row}}; }
    Result<importer::Record> record(std::int64_t) const override { return importer::Record(); }
    std::string contentHash() const override { return "made"; }
    bool isConversational() const override { return false; }

private:
    std::int64_t m_rows;
    std::string m_name = "made@1";
    std::vector<importer::Column> m_columns {{"question", "text", importer::ColumnRole::Prompt}, {"answer", "text", importer::ColumnRole::Completion}, {"parity", "text", importer::ColumnRole::Ignore}};
};

/// Times what a widget paints.
class Frames final : public QObject
{
public:
    explicit Frames(QWidget* widget)
        : m_widget(widget)
    {
        widget->installEventFilter(this);
    }
    std::vector<double> sorted()
    {
        std::sort(m_milliseconds.begin(), m_milliseconds.end());
        return m_milliseconds;
    }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (event->type() != QEvent::Paint)
            return false;
        m_widget->removeEventFilter(this);
        QElapsedTimer timer;
        timer.start();
        QCoreApplication::sendEvent(watched, event);
        m_milliseconds.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
        m_widget->installEventFilter(this);
        return true;
    }

private:
    QWidget* m_widget;
    std::vector<double> m_milliseconds;
};

class RowGrids : public tests::UiTest
{
protected:
    RowGrids()
        : settings(QString::fromStdString(dir.path("studio.ini")), QSettings::IniFormat)
        , workspace(QString::fromStdString(dir.path("workspace")))
        , context {workspace, jobs, navigator, settings}
        , filter(context)
        , grid(filter)
    {
        grid.resize(900, 640);
        grid.show();
    }
    void open(std::int64_t rows)
    {
        auto made = std::make_shared<OpenedVersion>();
        made->row.name = "made";
        made->data = std::make_shared<MadeRows>(rows);
        made->source = made->data;
        opened = made;
        grid.setDataset(opened);
        filter.setDataset(opened);
        ASSERT_TRUE(waitFor([this] { return filter.isComplete(); }));
    }
    bool isRead(std::int64_t place)
    {
        return waitFor([&] { return !grid.cellText(place, QStringLiteral("column:question")).isEmpty(); });
    }
    struct Quiet final : shell::Navigator {
        void open(shell::PageId, const QString&) override { }
        void toast(const QString&, const std::function<void()>&) override { }
        void openFiles(const QStringList&) override { }
    };

    tests::TempDir dir;
    QSettings settings;
    bridge::Workspace workspace;
    bridge::JobController jobs;
    Quiet navigator;
    shell::Context context;
    RowFilter filter;
    RowGrid grid;
    OpenedPtr opened;
};

TEST_F(RowGrids, ShowTheLastOfTenMillionRows)
{
    open(10'000'000);
    EXPECT_EQ(grid.rowCount(), 10'000'000);
    QTest::keyClick(&grid, Qt::Key_End);
    EXPECT_EQ(grid.currentRow(), 9'999'999);
    ASSERT_TRUE(isRead(9'999'999));
    EXPECT_EQ(grid.cellText(9'999'999, QStringLiteral("#")).remove(QChar(0x00A0)), QStringLiteral("9999999"));
    EXPECT_TRUE(grid.viewport()->rect().contains(grid.rowRect(9'999'999).center())) << "it is in sight";
    QTest::keyClick(&grid, Qt::Key_Home);
    EXPECT_EQ(grid.currentRow(), 0);
    EXPECT_EQ(grid.verticalScrollBar()->value(), 0);
}

/// How long frames take is reported, not tested: that depends on the machine. By the wheel, and by jumps with the scroll bar.
TEST_F(RowGrids, ScrollThroughThem)
{
    open(10'000'000);
    auto* bar = grid.verticalScrollBar();
    for (const bool jumps : {false, true}) {
        Frames frames(grid.viewport());
        for (int i = 1; i < 200; ++i) {
            bar->setValue(jumps ? static_cast<int>((bar->maximum() / 200) * static_cast<qint64>(i)) : bar->value() + 84);
            ASSERT_TRUE(isRead(bar->value() / grid.rowRect(0).height() + 22));
            QTest::qWait(1);  // what was read is painted
        }
        const auto all = frames.sorted();
        ASSERT_GE(all.size(), 199u);
        std::printf("%s: %zu frames, median %.2f ms, p99 %.2f ms\n", jumps ? "jumps" : "wheel", all.size(), all[all.size() / 2], all[all.size() * 99 / 100]);
        RecordProperty(jumps ? "jumps_p99_ms" : "wheel_p99_ms", std::to_string(all[all.size() * 99 / 100]));
    }
}

/// What scrolling moves is what a new painting of everything gives.
TEST_F(RowGrids, PaintTheSameWhenTheyAreMoved)
{
    open(1000);
    ASSERT_TRUE(isRead(20));
    QTest::qWait(30);
    auto* bar = grid.verticalScrollBar();
    for (const int step : {84, 28, -56, 17, 300, -84}) {
        bar->setValue(bar->value() + step);
        ASSERT_TRUE(isRead(bar->value() / grid.rowRect(0).height() + 22));
        QTest::qWait(30);
        const QImage moved = grid.screen()->grabWindow(grid.winId()).toImage();
        grid.viewport()->update();
        QTest::qWait(30);
        ASSERT_FALSE(moved.isNull());
        EXPECT_EQ(moved, grid.screen()->grabWindow(grid.winId()).toImage()) << step;
    }
}

TEST_F(RowGrids, MoveByKeysAndByTheMouse)
{
    open(1000);
    ASSERT_TRUE(isRead(0));
    QTest::keyClick(&grid, Qt::Key_Down);
    QTest::keyClick(&grid, Qt::Key_Down);
    EXPECT_EQ(grid.currentRow(), 2);
    QTest::keyClick(&grid, Qt::Key_PageDown);
    EXPECT_GT(grid.currentRow(), 15);
    QTest::mouseClick(grid.viewport(), Qt::LeftButton, {}, grid.rowRect(grid.currentRow() - 3).center());
    EXPECT_GT(grid.currentRow(), 12);
    QTest::keyClick(&grid, Qt::Key_Up);
    EXPECT_TRUE(grid.viewport()->rect().intersects(grid.rowRect(grid.currentRow())));
    EXPECT_THAT(grid.rowText(grid.currentRow()).toStdString(), HasSubstr("question: Question number"));
}

TEST_F(RowGrids, GiveTextColumnsTheRoom)
{
    open(100);
    int width = 0;
    for (const auto& column : grid.columns())
        width += column.isVisible ? column.width : 0;
    EXPECT_LE(width, grid.viewport()->width());
    EXPECT_GT(width, grid.viewport()->width() - 8);
    EXPECT_GT(tests::coloursOf(grid), 5);
}

TEST_F(RowGrids, BeginACellNearWhatIsSearched)
{
    open(500);
    ShownTerm shown;
    shown.term.kind = pipeline::RowTerm::Kind::Text;
    shown.term.text = "letter speaks";
    filter.addTerm(shown);
    // Row 0 has the words too, and may be read before the filter is there.
    EXPECT_TRUE(waitFor([this] {
        const QString text = grid.cellText(0, QStringLiteral("column:question"));
        return filter.isComplete() && text.contains(QStringLiteral("letter speaks")) && text.startsWith(QChar(0x2026));
    })) << grid.cellText(0, QStringLiteral("column:question")).toStdString();
}

}
}
