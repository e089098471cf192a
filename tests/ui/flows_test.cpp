// SPDX-License-Identifier: GPL-3.0-or-later
// Flows of ux.md §10.4 behind "Start training", each within its number of clicks, and by keys alone.
#include "pages/export/result_card.h"
#include "ui/window.h"

#include <QLineEdit>

namespace attune::shell {
namespace {

using tests::waitFor;

class Flows : public tests::WindowTest
{
protected:
    Flows() { tests::addCheckpoint(*history, done, 300); }
    void clickOn(QWidget* widget)
    {
        ASSERT_TRUE(click(widget));
        ++clicks;
    }
    void clickOn(const char* text)
    {
        ASSERT_TRUE(waitFor([&] { return button(text) && button(text)->isEnabled(); })) << text;
        clickOn(button(text));
    }
    int clicks = 0;
};

}

/// The second half of "First run → GGUF": a finished run's bar leads to the export with everything chosen.
TEST_F(Flows, AFinishedRunIsExportedInTwoClicks)
{
    ASSERT_TRUE(openRun(done));
    clickOn("Export…");
    ASSERT_TRUE(waitFor([this] { return part<QPushButton>("export-now") && part<QPushButton>("export-now")->isEnabled(); }));
    EXPECT_EQ(shown(), window->page(PageId::Export));
    clickOn(part<QPushButton>("export-now"));
    EXPECT_EQ(clicks, 2);
    // It begins: what it then says depends on what is installed.
    EXPECT_TRUE(waitFor([this] { return !window->context().jobs.jobs().empty(); }));
}

TEST_F(Flows, UseInOllamaTakesFourClicks)
{
    ASSERT_TRUE(openRun(done));
    clickOn("Export…");
    ASSERT_TRUE(waitFor([this] { return part<QAbstractButton>("target-ollama") != nullptr; }));
    clickOn(part<QAbstractButton>("target-ollama"));
    ASSERT_TRUE(waitFor([this] { return part<QPushButton>("export-now") && part<QPushButton>("export-now")->isEnabled(); }));
    EXPECT_EQ(clicks, 2) << "Export and Copy are the other two";
    Json report {{"path", dir.path("bot-ollama")}, {"bytes", 1000}, {"sha256", ""}, {"verified", false}, {"target", "ollama"}};
    EXPECT_TRUE(pages::useCommand(report).startsWith(QStringLiteral("ollama create bot-ollama")));
}

TEST_F(Flows, ACrashedRunIsResumedInOneClickFromHome)
{
    owner.reset();  // its process is gone
    press(Qt::Key_1);
    EXPECT_TRUE(waitFor([this] { return button("Resume") != nullptr; }));
    EXPECT_TRUE(window->page(PageId::Home)->isAncestorOf(button("Resume")));
}

TEST_F(Flows, OneSettingIsChangedFromAFinishedRun)
{
    ASSERT_TRUE(openRun(done));
    clickOn("New run from this…");
    EXPECT_TRUE(waitFor([this] { return shown() == window->page(PageId::Train); }));
    EXPECT_EQ(clicks, 1) << "then the field, then Start";
}

TEST_F(Flows, RunsAreReachedAndOpenedByKeysAlone)
{
    press(Qt::Key_5);
    ASSERT_TRUE(waitFor([this] { return runs() && runs()->shownRows() == 3; }));
    runs()->setFocus();
    QTest::keyClick(runs(), Qt::Key_Home);
    QTest::keyClick(runs(), Qt::Key_Down);
    QTest::keyClick(runs(), Qt::Key_Space);
    EXPECT_TRUE(waitFor([this] { return settings.contains(QStringLiteral("runs/shown")); }));
    QTest::keyClick(runs(), Qt::Key_Return);
    EXPECT_TRUE(waitFor([this] { return lossPanel() != nullptr; }));
    QTest::keyClick(window->windowHandle(), Qt::Key_E, Qt::ControlModifier);
    EXPECT_TRUE(waitFor([this] { return shown() == window->page(PageId::Export); }));
}

}
