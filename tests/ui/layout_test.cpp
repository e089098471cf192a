// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/text.h"
#include "pages/compare/run_chip.h"
#include "pages/job_row.h"
#include "plots/tab_line.h"
#include "shell/toast.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "ui/dataset_window.h"
#include "widgets/panel.h"
#include "support/paths.h"

#include <QBoxLayout>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QTableView>

#include <gmock/gmock.h>

namespace attune::shell {
namespace {

using tests::waitFor;

class Layout : public tests::DatasetWindow
{
protected:
    QWidget* panelOf(PageId id, const QString& title)
    {
        for (auto* panel : window->page(id)->findChildren<widgets::Panel*>())
            for (auto* label : panel->findChildren<QLabel*>())
                if (panel->isVisible() && label->text() == title)
                    return panel;
        return nullptr;
    }
    int bottomOf(const QWidget* widget) const { return widget->mapTo(window.get(), QPoint(0, widget->height())).y(); }
};

class LayoutOfWidgets : public tests::UiTest
{
};

}

TEST_F(Layout, ActivityBeginsWithWhatRunsAndEndsAtTheEndOfThePage)
{
    owner.reset();
    auto ended = *history->run(running);
    ended.status = store::RunStatus::Completed;
    ASSERT_TRUE(history->updateRun(ended));
    window->open(PageId::Activity);
    ASSERT_TRUE(waitFor([this] { return panelOf(PageId::Activity, QStringLiteral("Runs that ended")); }));
    EXPECT_TRUE(says(QStringLiteral("Nothing is running")));
    EXPECT_NE(button("New run"), nullptr);
    const auto* last = panelOf(PageId::Activity, QStringLiteral("Runs that ended"));
    EXPECT_TRUE(waitFor([&] { return bottomOf(window->page(PageId::Activity)) - bottomOf(last) < 24; })) << bottomOf(last);
    const auto rows = last->findChildren<pages::JobRow*>();
    ASSERT_GE(rows.size(), 2);
    EXPECT_LT(rows[1]->y() - rows[0]->y(), 60) << "lines stay together at the top";
}

TEST_F(Layout, HistoryShowsWhatWasMadeOfAVersion)
{
    import("talk", {row("One?", "Yes, one."), row("Two?", "Yes, two.")});
    auto trained = *history->run(done);
    trained.dataset = "talk@1";
    ASSERT_TRUE(history->updateRun(trained));
    ASSERT_TRUE(openDataset(QStringLiteral("talk")) && isOpened() && clickTab(QStringLiteral("history")));
    auto* runs = find<widgets::Table>("version-runs");
    ASSERT_TRUE(waitFor([&] { return (runs = find<widgets::Table>("version-runs")) && runs->shownRows() == 1; }));
    EXPECT_EQ(runs->texts()[1][0].toStdString(), done);
    EXPECT_TRUE(says(QStringLiteral("talk.jsonl"))) << "where it comes from";
    const auto* versions = find<widgets::Table>("versions");
    EXPECT_LT(versions->height(), 5 * style::rowHeight()) << "the list takes what its one row needs";
}

TEST_F(Layout, CompareHasOneButtonForTheFileAtAnyWidth)
{
    const auto buttons = [this] {
        int count = 0;
        for (auto* one : window->findChildren<QAbstractButton*>())
            count += one->isVisible() && one->accessibleName() == QStringLiteral("Export CSV…");
        return count;
    };
    window->open(PageId::Runs, QString::fromStdString(done + "," + failed + "," + running));
    ASSERT_TRUE(waitFor([this] { return find("export-comparison"); }));
    EXPECT_EQ(find<QAbstractButton>("export-comparison")->text(), QStringLiteral("Export CSV…"));
    EXPECT_EQ(buttons(), 1);
    window->resize(1024, 640);
    EXPECT_TRUE(waitFor([this] { return find<QAbstractButton>("export-comparison")->text().isEmpty(); }));
    EXPECT_EQ(buttons(), 1);
    for (auto* chip : window->findChildren<pages::RunChip*>())
        if (chip->isVisible()) {
            EXPECT_GE(chip->width(), chip->sizeHint().width()) << "the name is whole";
        }
}

TEST_F(Layout, CompareHasNoCardOfWhatNoRunMeasured)
{
    window->open(PageId::Runs, QString::fromStdString(done + "," + failed));
    ASSERT_TRUE(waitFor([this] { return find("compare-tabs"); }));
    find<QTabBar>("compare-tabs")->setCurrentIndex(1);
    const auto isShown = [this](const char* title) {
        for (const auto* panel : window->page(PageId::Runs)->findChildren<plots::CurvePanel*>())
            if (panel->isVisible() && panel->title() == QLatin1String(title))
                return true;
        return false;
    };
    ASSERT_TRUE(waitFor([&] { return isShown("learning rate"); }));
    EXPECT_TRUE(isShown("loss"));
    EXPECT_FALSE(isShown("reward margin"));
    EXPECT_FALSE(isShown("accuracy"));
}

TEST_F(Layout, HomeLooksAtTheComputerOnceAlsoWhereItWasAskedBeforeTheFirstPicture)
{
    MainWindow second(QString::fromStdString(workspace()), settings);
    widgets::Table* computer = nullptr;
    for (auto* table : second.findChildren<widgets::Table*>())
        computer = table->accessibleName() == QStringLiteral("This computer") ? table : computer;
    ASSERT_NE(computer, nullptr);
    int answers = 0;
    QObject::connect(computer->model(), &QAbstractItemModel::modelReset, computer, [&] { answers += computer->model()->rowCount() > 2; });
    second.open(PageId::Home, QStringLiteral("check:"));
    second.show();
    ASSERT_TRUE(waitFor([&] { return answers > 0; }));
    QThreadPool::globalInstance()->waitForDone();
    waitFor([] { return false; }, 400);
    EXPECT_EQ(answers, 1);
}

TEST_F(LayoutOfWidgets, AMessageTakesASecondLineWhereItIsNarrow)
{
    widgets::MessageBar bar(widgets::MessageBar::Kind::Warning, QStringLiteral("Training ended unexpectedly"),
        QStringLiteral("The program that trained it is gone. No checkpoint was written, so that it can only be started anew."));
    bar.addButton(QStringLiteral("Show the log"));
    EXPECT_GT(bar.heightForWidth(600), bar.heightForWidth(1400));
}

TEST_F(LayoutOfWidgets, TextStandsAsFarFromTheEdgeInEveryField)
{
    QDoubleSpinBox number;
    QPlainTextEdit text;
    for (QWidget* one : {static_cast<QWidget*>(&number), static_cast<QWidget*>(&text)}) {
        one->resize(200, 60);
        one->show();
    }
    EXPECT_EQ(text.document()->documentMargin(), style::kSpace2 - 1) << "and 1 of the frame";
    EXPECT_EQ(number.findChild<QLineEdit*>()->x(), 0) << "the line in it has the distance";
    EXPECT_EQ(QFontInfo(number.font()).family(), QFontInfo(style::mono()).family());
}

TEST_F(LayoutOfWidgets, ACaptionTakesTwoLinesBeforeItIsCut)
{
    widgets::CaptionLabel caption(QStringLiteral("about, in GiB, at 2 048 tokens and batch 1"));
    EXPECT_LT(caption.minimumSizeHint().width(), caption.sizeHint().width() * 2 / 3);
    EXPECT_LE(caption.sizeHint().height(), style::panelHeaderHeight());
    const auto inked = [&](const QSize& size) {
        caption.resize(size);
        const QImage image = caption.grab().toImage();
        int lines = 0;
        bool wasInk = false;
        for (int y = 0; y < image.height(); ++y) {
            bool isInk = false;
            for (int x = 0; x < image.width() && !isInk; ++x)
                isInk = image.pixelColor(x, y) != image.pixelColor(0, 0);
            lines += isInk && !wasInk;
            wasInk = isInk;
        }
        return lines;
    };
    EXPECT_EQ(inked(caption.sizeHint()), 1);
    EXPECT_EQ(inked({caption.minimumSizeHint().width(), style::panelHeaderHeight()}), 2);
}

TEST_F(LayoutOfWidgets, SegmentsMoveTogetherWithoutCuttingAWord)
{
    widgets::SegmentedControl control({QStringLiteral("Chat"), QStringLiteral("As trained"), QStringLiteral("Source")});
    const QFontMetrics metrics(style::body(style::Weight::SemiBold));
    EXPECT_LT(control.minimumSizeHint().width(), control.sizeHint().width());
    EXPECT_GT(control.minimumSizeHint().width(), metrics.horizontalAdvance(QStringLiteral("ChatAs trainedSource")));
    control.resize(control.minimumSizeHint());
    control.show();
    QTest::mouseClick(&control, Qt::LeftButton, {}, QPoint(control.width() - 6, 8));
    EXPECT_EQ(control.currentIndex(), 2);
}

TEST_F(LayoutOfWidgets, ALabelStandsWhereOneBeginsToRead)
{
    QWidget page;
    page.setLayoutDirection(Qt::RightToLeft);
    auto* layout = new QVBoxLayout(&page);
    auto* label = widgets::bodyLabel(QStringLiteral("gsm8k"));
    layout->addWidget(label);
    page.resize(400, 60);
    page.show();
    EXPECT_TRUE(label->alignment() & Qt::AlignRight);
    EXPECT_TRUE(label->alignment() & Qt::AlignAbsolute);
}

TEST_F(LayoutOfWidgets, ControlsGoBelowTabsThatLeaveThemNoRoom)
{
    const tests::TempDir dir;
    QSettings settings(QString::fromStdString(dir.path("s.ini")), QSettings::IniFormat);
    plots::TabLine line(QStringLiteral("Parts"));
    for (int i = 0; i < 6; ++i)
        line.tabs()->addTab(QStringLiteral("A longer name"));
    auto* controls = new plots::ChartControls(settings, QStringLiteral("run"), plots::XAxis::Step);
    line.addControls(controls);
    line.showControls(controls);
    line.resize(2000, 60);
    line.show();
    const auto below = [&] { return controls->mapTo(&line, QPoint(0, 0)).y() >= line.tabs()->geometry().bottom(); };
    EXPECT_TRUE(waitFor([&] { return !below(); }));
    line.resize(line.tabs()->sizeHint().width() + 120, 100);
    EXPECT_TRUE(waitFor([&] { return below(); }));
    EXPECT_GE(line.tabs()->width(), line.tabs()->sizeHint().width()) << "no tab is cut";
    line.showControls(nullptr);
    EXPECT_FALSE(controls->isVisible());
}

TEST_F(LayoutOfWidgets, AToastLeavesButtonsFree)
{
    QWidget page;
    page.resize(700, 500);
    QPushButton add(QStringLiteral("Add step"), &page);
    add.setGeometry(300, 455, 120, 28);
    page.show();
    Toast toast(QStringLiteral("The step was taken away."), {}, &page);
    EXPECT_FALSE(toast.geometry().intersects(add.geometry()));
    EXPECT_GT(toast.y(), 350) << "it stays near the bottom";
    add.hide();
    page.resize(700, 501);
    EXPECT_EQ(toast.geometry().bottom(), 484);
}

}
