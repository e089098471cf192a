// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/text.h"
#include "pages/compare/run_chip.h"
#include "pages/job_row.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "ui/dataset_window.h"
#include "widgets/panel.h"

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

}
