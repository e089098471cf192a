// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/run/run_view.h"
#include "pages/run/sample_strip.h"
#include "ui/window.h"
#include "widgets/panel.h"
#include "widgets/table.h"

#include <QComboBox>
#include <QLayout>
#include <QLineEdit>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QSlider>
#include <QTabBar>
#include <QTimer>

#include <gmock/gmock.h>

#include <algorithm>

namespace attune::pages {
namespace {

using testing::Contains;
using testing::ElementsAre;
using tests::waitFor;

class RunPage : public tests::WindowTest
{
protected:
    QTabBar* tabs() { return part<QTabBar>("run-tabs"); }
    /// Clicks a tab as a person does.
    bool openTab(const char* name)
    {
        for (int i = 0; i < tabs()->count(); ++i)
            if (tabs()->tabText(i) == QLatin1String(name) && tabs()->isTabVisible(i)) {
                QTest::mouseClick(tabs(), Qt::LeftButton, {}, tabs()->tabRect(i).center());
                return tabs()->currentIndex() == i;
            }
        return false;
    }
    plots::CurvePanel* panel(const char* title)
    {
        for (auto* one : window->findChildren<plots::CurvePanel*>())
            if (one->isVisible() && one->title() == QLatin1String(title))
                return one;
        return nullptr;
    }
    QWidget* plotOf(plots::CurvePanel* panel) { return panel->findChild<QWidget*>(QString(), Qt::FindDirectChildrenOnly) ? panel->layout()->itemAt(0)->widget() : nullptr; }
    std::vector<store::RunCommand> commands(const std::string& run)
    {
        std::vector<store::RunCommand> posted;
        waitFor([&] {
            if (auto taken = history->takeCommands(run))
                posted.insert(posted.end(), taken->begin(), taken->end());
            return !posted.empty();
        }, 3000);
        return posted;
    }
    /// Presses a button of the dialog that comes next.
    void answerDialog(const char* text)
    {
        QTimer::singleShot(200, window.get(), [text] {
            auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
            ASSERT_NE(box, nullptr);
            for (auto* button : box->buttons())
                if (button->text().remove(QLatin1Char('&')) == QLatin1String(text))
                    return button->click();
            ADD_FAILURE() << "no button " << text;
            box->reject();
        });
    }
};

}

TEST_F(RunPage, HasEveryTab)
{
    tests::addCheckpoint(*history, done, 300);
    ASSERT_TRUE(openRun(done));
    for (const char* name : {"Samples", "Config", "Data", "System", "Log", "Files", "Notes", "Charts"})
        EXPECT_TRUE(openTab(name)) << name;

    ASSERT_TRUE(openTab("Config"));
    EXPECT_TRUE(says(QStringLiteral(" changed")));
    ASSERT_TRUE(openTab("Files"));
    EXPECT_TRUE(waitFor([this] {
        for (auto* table : window->findChildren<widgets::Table*>())
            if (table->isVisible() && table->accessibleName() == QStringLiteral("Files of the run"))
                for (const auto& line : table->texts())
                    if (line[0] == QStringLiteral("checkpoints/step-000300"))
                        return true;
        return false;
    }));
    ASSERT_TRUE(openTab("Log"));
    EXPECT_TRUE(says(QStringLiteral("1 line")));
    ASSERT_TRUE(openTab("System"));
    EXPECT_TRUE(waitFor([this] { return panel("processor") != nullptr; }));
}

TEST_F(RunPage, OfARunThatIsGoneItSaysNothingAndGoesToTheList)
{
    ASSERT_TRUE(openRun(done));
    auto* view = window->findChild<RunView*>();
    const auto showsState = [view] {
        const auto chips = view->findChildren<widgets::StatusChip*>();
        return std::ranges::any_of(chips, [](const auto* chip) { return chip->isVisible(); });
    };
    ASSERT_TRUE(waitFor(showsState));
    ASSERT_TRUE(history->removeRun(failed));  // by another program

    window->open(shell::PageId::Runs, QString::fromStdString(failed));
    EXPECT_FALSE(showsState()) << "that of the run before it";
    EXPECT_TRUE(waitFor([&] { return !view->isVisible() && runs() && runs()->isVisible(); }));

    ASSERT_TRUE(openRun(done));
    EXPECT_TRUE(waitFor([&] { return view->isVisible() && showsState(); }));
}

TEST_F(RunPage, SharesCrosshairPinAndZoom)
{
    ASSERT_TRUE(openRun(done));
    ASSERT_TRUE(waitFor([this] { return panel("loss") && panel("gradient norm"); }));
    auto *loss = panel("loss"), *norm = panel("gradient norm");
    waitFor([] { return false; }, 700);  // the charts repaint at most twice a second
    auto* plot = plotOf(loss);
    const int y = plot->height() / 2;

    QTest::mouseClick(plot, Qt::LeftButton, {}, QPoint(plot->width() / 2, y));
    ASSERT_TRUE(loss->pinned());
    EXPECT_EQ(loss->pinned(), norm->pinned());
    EXPECT_TRUE(loss->readOut().contains(QStringLiteral("smoothed"))) << loss->readOut().toStdString();
    EXPECT_TRUE(loss->readOut().contains(QStringLiteral("eval")));

    QTest::mousePress(plot, Qt::LeftButton, {}, QPoint(plot->width() / 4, y));
    QTest::mouseMove(plot, QPoint(plot->width() / 3, y));
    QTest::mouseMove(plot, QPoint(plot->width() / 2, y));
    QTest::mouseRelease(plot, Qt::LeftButton, {}, QPoint(plot->width() / 2, y));
    ASSERT_TRUE(loss->zoom());
    ASSERT_TRUE(norm->zoom());
    EXPECT_DOUBLE_EQ(loss->zoom()->first, norm->zoom()->first);
    EXPECT_GT(loss->zoom()->first, 20);
    EXPECT_LT(loss->zoom()->second, 250);

    ASSERT_TRUE(history->appendMetrics(done, {{0, 301, 3.0, "train", "loss", 0.5, 4096 * 301, 500.0}}));
    waitFor([] { return false; }, 1500);
    EXPECT_TRUE(loss->zoom()) << "new steps never take one's zoom away";

    QTest::mouseDClick(plot, Qt::LeftButton, {}, QPoint(plot->width() / 2, y));
    EXPECT_FALSE(loss->zoom());
    EXPECT_FALSE(norm->zoom());
    EXPECT_FALSE(loss->pinned());
}

TEST_F(RunPage, ZoomsByKeys)
{
    ASSERT_TRUE(openRun(done));
    ASSERT_TRUE(waitFor([this] { return panel("loss") != nullptr; }));
    waitFor([] { return false; }, 700);
    auto* loss = panel("loss");
    QTest::keyClick(loss, Qt::Key_Plus);
    ASSERT_TRUE(loss->zoom());
    const double width = loss->zoom()->second - loss->zoom()->first, left = loss->zoom()->first;
    QTest::keyClick(loss, Qt::Key_Right);
    EXPECT_GT(loss->zoom()->first, left);
    QTest::keyClick(loss, Qt::Key_Plus);
    EXPECT_LT(loss->zoom()->second - loss->zoom()->first, width);
    QTest::keyClick(loss, Qt::Key_0);
    EXPECT_FALSE(loss->zoom());

    QTest::keyClick(loss, Qt::Key_F11);
    EXPECT_TRUE(waitFor([this] { return panel("gradient norm") == nullptr; })) << "one chart has the whole place";
    QTest::keyClick(loss, Qt::Key_F11);
    EXPECT_TRUE(waitFor([this] { return panel("gradient norm") != nullptr; }));
}

TEST_F(RunPage, CountsByTokensTimeAndEpoch)
{
    ASSERT_TRUE(openRun(done));
    auto* axis = part<QComboBox>("chart-axis");
    ASSERT_NE(axis, nullptr);
    axis->setFocus();
    QTest::keyClick(axis, Qt::Key_Down);
    ASSERT_TRUE(waitFor([this] { return panel("loss")->toCsv().startsWith(QStringLiteral("curve,tokens,value")); }));
    EXPECT_TRUE(panel("loss")->toCsv().contains(QStringLiteral("train,4096,")));
    QTest::keyClick(axis, Qt::Key_Down);
    EXPECT_TRUE(waitFor([this] { return panel("loss")->toCsv().contains(QStringLiteral("train,1.4,")); }));

    auto* smoothing = part<QSlider>("chart-smoothing");
    ASSERT_NE(smoothing, nullptr);
    smoothing->setFocus();
    QTest::keyClick(smoothing, Qt::Key_Home);
    EXPECT_TRUE(says(QStringLiteral("0.00")));
}

TEST_F(RunPage, PagesThroughSamplePrompts)
{
    ASSERT_TRUE(openRun(done));
    auto* strip = window->findChild<SampleStrip*>(QStringLiteral("sample-strip"));
    ASSERT_TRUE(waitFor([&] { return strip->isVisible(); }));
    EXPECT_TRUE(says(QStringLiteral("prompt 1 of 3")));
    for (auto* next : strip->findChildren<QToolButton*>())
        if (next->accessibleName() == QStringLiteral("Next prompt"))
            click(next);
    EXPECT_TRUE(says(QStringLiteral("prompt 2 of 3")));
    EXPECT_TRUE(says(QStringLiteral("A train goes 60 km")));
}

TEST_F(RunPage, StopsAndUsesTheBestStep)
{
    const auto best = history->run(running)->bestStep;
    ASSERT_GT(best, 0);
    tests::addCheckpoint(*history, running, best);
    tests::addAlert(*history, running, 119, "warning", "The model fits the training rows better than the others");
    ASSERT_TRUE(openRun(running));

    ASSERT_TRUE(press(("Stop and use step " + std::to_string(best)).c_str()));

    EXPECT_THAT(commands(running), Contains(store::RunCommand::Stop));
    const auto use = history->value("use/" + running);
    ASSERT_TRUE(use);
    EXPECT_EQ(use->get<std::int64_t>(), best);
}

TEST_F(RunPage, MutesARuleAndTakesItBack)
{
    tests::addAlert(*history, running, 119, "warning", "The loss jumped");
    ASSERT_TRUE(openRun(running));
    ASSERT_TRUE(says(QStringLiteral("The loss jumped")));

    ASSERT_TRUE(press("Mute"));

    ASSERT_TRUE(waitFor([this] { return button("Mute") == nullptr; }));
    ASSERT_TRUE(waitFor([this] { return history->value("muted/" + running)->is_array(); }));
    ASSERT_TRUE(press("Undo"));
    EXPECT_TRUE(waitFor([this] { return button("Mute") != nullptr; }));
}

TEST_F(RunPage, OffersWhatComesNextWhenItIsDone)
{
    tests::addCheckpoint(*history, done, 300);
    ASSERT_TRUE(openRun(done));
    ASSERT_TRUE(says(QStringLiteral("Finished in")));
    ASSERT_TRUE(press("Export…"));
    EXPECT_EQ(shown(), window->page(shell::PageId::Export));
    QTest::keyClick(window->windowHandle(), Qt::Key_Left, Qt::AltModifier);
    ASSERT_TRUE(waitFor([this] { return shown() == window->page(shell::PageId::Runs); }));
    ASSERT_TRUE(press("Compare with the base model"));
    EXPECT_EQ(shown(), window->page(shell::PageId::TryOut));
}

TEST_F(RunPage, SaysWhyARunFailedAndOffersToResume)
{
    auto row = history->run(failed);
    ASSERT_TRUE(row);
    row->error = "Loss became NaN at step 61.";
    ASSERT_TRUE(history->updateRun(*row));
    ASSERT_TRUE(openRun(failed));
    EXPECT_TRUE(says(QStringLiteral("Loss became NaN at step 61.")));
    EXPECT_TRUE(waitFor([this] { return button("Resume") != nullptr; }));
    ASSERT_TRUE(press("Show the log"));
    EXPECT_EQ(tabs()->tabText(tabs()->currentIndex()), QStringLiteral("Log"));
}

TEST_F(RunPage, AsksBeforeItStops)
{
    ASSERT_TRUE(openRun(running));
    answerDialog("Keep training");
    ASSERT_TRUE(press("Stop…"));
    EXPECT_THAT(commands(running), ElementsAre());

    // A person looks at the window again before a key goes to it.
    window->activateWindow();
    ASSERT_TRUE(waitFor([this] { return window->isActiveWindow(); }));
    answerDialog("Stop and keep checkpoint");
    QTest::keyClick(window->windowHandle(), Qt::Key_Period, Qt::ControlModifier);
    EXPECT_THAT(commands(running), ElementsAre(store::RunCommand::Stop));
}

TEST_F(RunPage, KeepsNotesAndTags)
{
    ASSERT_TRUE(openRun(done));
    ASSERT_TRUE(openTab("Notes"));
    auto* notes = part<QPlainTextEdit>("run-notes");
    ASSERT_NE(notes, nullptr);
    QTest::keyClicks(notes, QStringLiteral("rank 16 is enough"));
    QTest::keyClicks(part<QLineEdit>("run-tags"), QStringLiteral("prod, good"));
    EXPECT_TRUE(waitFor([this] {
        const auto row = history->run(done);
        return row && row->notes == "rank 16 is enough" && row->tags == std::vector<std::string> {"prod", "good"};
    }));
}

TEST_F(RunPage, ShowsTheClassesOfAClassification)
{
    ASSERT_TRUE(openRun(done));
    EXPECT_FALSE(openTab("Classes"));
    tests::addClasses(*history, done, 300, {"card", "transfer", "rate"});
    ASSERT_TRUE(history->appendEvent(done, {0, 300, "status", {}, {{"status", "completed"}}}));
    ASSERT_TRUE(waitFor([this] { return tabs()->isTabVisible(2); }));
    ASSERT_TRUE(openTab("Classes"));
    auto* matrix = part<QWidget>("confusion-matrix");
    ASSERT_NE(matrix, nullptr);
    EXPECT_TRUE(matrix->accessibleDescription().contains(QStringLiteral("3 of class card found as transfer")));
}

TEST_F(RunPage, ShowsRewardsOfPreferences)
{
    std::vector<store::MetricRow> rows;
    for (int step = 50; step <= 300; step += 50)
        for (const auto& [name, value] : {std::pair {"reward_margin", 0.01 * step}, {"reward_accuracy", 0.5 + 0.001 * step}})
            rows.push_back({0, step, 1.0, "eval", name, value, 4096LL * step, 1.4 * step});
    ASSERT_TRUE(history->appendMetrics(done, rows));
    ASSERT_TRUE(openRun(done));
    EXPECT_TRUE(waitFor([this] { return panel("reward margin") && panel("reward accuracy"); }));
    EXPECT_TRUE(panel("reward margin")->toCsv().contains(QStringLiteral("reward margin,300,3")));
}

}
