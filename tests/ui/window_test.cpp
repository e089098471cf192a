// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window.h"

#include "shell/sidebar.h"
#include "style/theme.h"

#include <QAbstractButton>
#include <QAction>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QTest>

#include <gmock/gmock.h>

namespace attune::shell {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using tests::waitFor;
using Window = tests::WindowTest;

}

/// The first picture comes before the checks; they must come without being asked for, too.
TEST_F(Window, HomeLooksAtTheComputerByItself)
{
    widgets::Table* computer = nullptr;
    for (auto* table : window->page(shell::PageId::Home)->findChildren<widgets::Table*>())
        if (table->accessibleName() == QStringLiteral("This computer"))
            computer = table;
    ASSERT_TRUE(computer);
    EXPECT_TRUE(tests::waitFor([computer] { return computer->shownRows() > 3; }));
}

TEST_F(Window, SwitchesPagesByKeys)
{
    for (int i = kPageCount - 1; i >= 0; --i) {
        press(static_cast<Qt::Key>(Qt::Key_1 + i));
        EXPECT_EQ(shown(), window->page(pageTable()[i].id)) << pageTable()[i].key;
        EXPECT_TRUE(window->windowTitle().endsWith(QStringLiteral("Attune"))) << window->windowTitle().toStdString();
        EXPECT_THAT(window->windowTitle().toStdString(), HasSubstr(pageTable()[i].name));
    }
}

TEST_F(Window, FoldsTheSidebarAndRemembersIt)
{
    auto* sidebar = window->findChild<Sidebar*>();
    ASSERT_NE(sidebar, nullptr);
    const int wide = sidebar->width();
    press(Qt::Key_B);
    EXPECT_TRUE(sidebar->isFolded());
    EXPECT_TRUE(waitFor([&] { return sidebar->width() < wide; }));
    window->close();
    EXPECT_TRUE(settings.value(QStringLiteral("window/folded")).toBool());
}

TEST_F(Window, ListsTheRuns)
{
    press(Qt::Key_5);
    ASSERT_NE(runs(), nullptr);
    ASSERT_TRUE(waitFor([this] { return runs()->shownRows() == 3; }));

    tests::addRun(*history, "a-fourth", store::RunStatus::Completed, 5, 5, 4);

    EXPECT_TRUE(waitFor([this] { return runs()->shownRows() == 4; })) << "what another process adds appears by itself";
}

TEST_F(Window, OpensARunByReturn)
{
    press(Qt::Key_5);
    ASSERT_TRUE(waitFor([this] { return runs()->shownRows() == 3; }));
    runs()->setFocus();
    runs()->selectId(QString::fromStdString(done));
    QTest::keyClick(runs(), Qt::Key_Return);

    ASSERT_TRUE(waitFor([this] { return lossPanel() != nullptr; }));
    EXPECT_EQ(window->windowTitle().toStdString(), done + " — Attune");
}

TEST_F(Window, ShowsEveryMetricOfARun)
{
    ASSERT_TRUE(openRun(done));
    const auto metrics = history->metrics(done, 0);
    ASSERT_TRUE(metrics);
    qsizetype expected = 1;  // the head
    for (const auto& metric : *metrics)
        expected += metric.name == "loss";
    ASSERT_GT(expected, 300);

    EXPECT_TRUE(waitFor([&] { return lossPanel()->toCsv().count(QLatin1Char('\n')) == expected; })) << lossPanel()->toCsv().count(QLatin1Char('\n')) << " lines of " << expected;
}

TEST_F(Window, FollowsARunOfAnotherProcess)
{
    ASSERT_TRUE(openRun(running));
    const auto before = lossPanel()->toCsv().count(QLatin1Char('\n'));

    ASSERT_TRUE(history->appendMetrics(running, {{0, 121, 1.0, "train", "loss", 0.5, 4096 * 121, 170.0}}));

    EXPECT_TRUE(waitFor([&] { return lossPanel()->toCsv().count(QLatin1Char('\n')) == before + 1; }));
    EXPECT_TRUE(lossPanel()->toCsv().contains(QStringLiteral("train,121,0.5\n")));
}

TEST_F(Window, LeavesNothingOfTheFormerRun)
{
    ASSERT_TRUE(openRun(done));
    ASSERT_TRUE(openRun(failed));
    EXPECT_TRUE(waitFor([&] {
        auto* panel = lossPanel();
        return panel && panel->toCsv().contains(QStringLiteral("train,60,")) && !panel->toCsv().contains(QStringLiteral("train,61,"));
    }));
}

TEST_F(Window, AsksTheRunOfAnotherProcessToPause)
{
    ASSERT_TRUE(openRun(running));
    ASSERT_TRUE(waitFor([this] { return button("Pause") != nullptr; }));

    QTest::mouseClick(button("Pause"), Qt::LeftButton);

    std::vector<store::RunCommand> posted;
    ASSERT_TRUE(waitFor([&] {
        if (auto commands = history->takeCommands(running))
            posted.insert(posted.end(), commands->begin(), commands->end());
        return !posted.empty();
    }));
    EXPECT_THAT(posted, ElementsAre(store::RunCommand::Pause));
    const auto other = history->takeCommands(done);
    EXPECT_TRUE(other && other->empty());
}

TEST_F(Window, OffersToResumeARunWhoseProcessDied)
{
    owner.reset();
    ASSERT_TRUE(openRun(running));
    EXPECT_TRUE(waitFor([this] { return button("Resume") != nullptr; }));
    EXPECT_EQ(button("Pause"), nullptr);
}

TEST_F(Window, OffersNoPauseForAFinishedRun)
{
    ASSERT_TRUE(openRun(done));
    EXPECT_TRUE(waitFor([this] { return button("Compare with the base model") != nullptr; }));
    EXPECT_EQ(button("Pause"), nullptr);
    EXPECT_EQ(button("Stop…"), nullptr);
    const auto isPossible = [this](const char* text) {
        for (auto* menu : window->findChildren<QMenu*>()) {
            for (auto* action : menu->actions()) {
                if (action->text() == QString::fromUtf8(text)) {
                    emit menu->aboutToShow();
                    return action->isEnabled();
                }
            }
        }
        ADD_FAILURE() << "no " << text;
        return false;
    };
    for (const char* text : {"&Pause", "&Sample now", "E&valuate now", "Save &checkpoint", "S&top…"})
        EXPECT_FALSE(isPossible(text)) << text;
    ASSERT_TRUE(openRun(running));
    EXPECT_TRUE(waitFor([&] { return isPossible("&Pause"); }));
}

TEST_F(Window, HasTheActionsOfThePagesInItsMenus)
{
    const auto find = [this](const char* text) -> QAction* {
        for (auto* menu : window->findChildren<QMenu*>())
            for (auto* action : menu->actions())
                if (action->text().remove(QLatin1Char('&')) == QString::fromUtf8(text))
                    return action;
        return nullptr;
    };
    const std::pair<const char*, QKeySequence> wanted[] {{"Find on this page", QKeySequence::Find}, {"Start training", Qt::CTRL | Qt::Key_Return}, {"Compare runs", Qt::CTRL | Qt::SHIFT | Qt::Key_D},
        {"Save recipe…", QKeySequence::Save}, {"Keyboard shortcuts", QKeySequence::HelpContents}};
    for (const auto& [text, key] : wanted) {
        auto* action = find(text);
        ASSERT_NE(action, nullptr) << text;
        EXPECT_EQ(action->shortcut(), key) << text;
        EXPECT_TRUE(action->text().contains(QLatin1Char('&'))) << text;
    }
    for (int i = 0; i < kPageCount; ++i)
        EXPECT_TRUE(find(pageTable()[i].name)->text().contains(QLatin1Char('&'))) << pageTable()[i].name;

    window->open(PageId::Activity);
    find("Start training")->trigger();
    EXPECT_TRUE(says(QStringLiteral("A run is set up and started on the page Train.")));
    find("Find on this page")->trigger();
    EXPECT_TRUE(says(QStringLiteral("There is nothing to look for on this page.")));
    QTest::keyClick(window->windowHandle(), Qt::Key_F1);
    EXPECT_TRUE(waitFor([this] { return window->page(PageId::Settings)->isVisible(); })) << "the keys are listed there";
    find("Find on this page")->trigger();
    EXPECT_TRUE(qobject_cast<QLineEdit*>(QApplication::focusWidget()));
}

TEST_F(Window, ComparesTheRunsThatAreSelected)
{
    window->open(PageId::Runs, QStringLiteral("list:"));
    ASSERT_TRUE(waitFor([this] { return runs() && runs()->shownRows() == 3; }));
    QTest::keyClick(window->windowHandle(), Qt::Key_D, Qt::ControlModifier | Qt::ShiftModifier);
    EXPECT_TRUE(says(QStringLiteral("Select two or more runs")));
    runs()->selectAll();
    QTest::keyClick(window->windowHandle(), Qt::Key_D, Qt::ControlModifier | Qt::ShiftModifier);
    EXPECT_TRUE(says(QStringLiteral("Compare 3 runs")));
}

TEST_F(Window, ShowsAFailedRunUnderNeedsAttentionUntilALaterOneTakesItsName)
{
    owner.reset();
    auto row = *history->run(running);
    row.status = store::RunStatus::Completed;
    ASSERT_TRUE(history->updateRun(row));
    auto broken = *history->run(failed);
    broken.error = "The loss is no number.";
    ASSERT_TRUE(history->updateRun(broken));
    window->open(PageId::Home);
    EXPECT_TRUE(says(QStringLiteral("Needs attention")));
    EXPECT_TRUE(waitFor([this] { return button("New run from this…") != nullptr; }));
    window->open(PageId::Activity);
    EXPECT_TRUE(says(QStringLiteral("Needs attention")));

    tests::addRun(*history, "too-fast", store::RunStatus::Completed, 300, 300, 4);
    window->open(PageId::Home);
    EXPECT_TRUE(says(QStringLiteral("Continue")));
    EXPECT_EQ(button("New run from this…"), nullptr);
}

TEST_F(Window, SaysThatARunIsGone)
{
    window->open(PageId::Runs, QStringLiteral("no-such-run"));
    EXPECT_TRUE(waitFor([this] {
        for (auto* label : window->findChildren<QLabel*>())
            if (label->isVisible() && label->text().contains(QStringLiteral("no-such-run")))
                return true;
        return false;
    }));
}

TEST_F(Window, PaintsEveryPageInBothThemesWithoutAWarning)
{
    tests::QtMessages messages;
    for (const auto theme : {style::Theme::Light, style::Theme::Dark}) {
        style::applyTheme(theme);
        for (int i = 0; i < kPageCount; ++i) {
            window->open(pageTable()[i].id);
            waitFor([] { return false; }, 150);
            EXPECT_GT(tests::coloursOf(*shown()), 8) << pageTable()[i].name;
            EXPECT_EQ(messages.text(), "") << pageTable()[i].name;
        }
    }
    ASSERT_TRUE(openRun(running));
    waitFor([] { return false; }, 200);
    EXPECT_GT(tests::coloursOf(*shown()), 20);
    window->open(PageId::Runs, QString::fromStdString(done + "," + running));
    waitFor([] { return false; }, 200);
    EXPECT_GT(tests::coloursOf(*shown()), 20);
    EXPECT_EQ(messages.text(), "");
}

TEST_F(Window, FitsTheSmallestWindow)
{
    window->resize(window->minimumSize());
    for (int i = 0; i < kPageCount; ++i) {
        window->open(pageTable()[i].id);
        waitFor([] { return false; }, 60);
        EXPECT_LE(window->width(), 1024) << pageTable()[i].name << " makes the window wider";
        EXPECT_LE(window->height(), 600) << pageTable()[i].name << " makes the window higher";
    }
}

TEST_F(Window, NamesEveryButton)
{
    for (int i = 0; i < kPageCount; ++i) {
        window->open(pageTable()[i].id);
        waitFor([] { return false; }, 100);
        for (auto* control : shown()->findChildren<QAbstractButton*>())
            // Icons inside a line edit belong to it.
            EXPECT_FALSE(control->isVisible() && !qobject_cast<QLineEdit*>(control->parentWidget()) && control->text().isEmpty() && control->accessibleName().isEmpty() && control->toolTip().isEmpty())
                << pageTable()[i].name << " has a button without a name: " << control->metaObject()->className();
    }
}

}
