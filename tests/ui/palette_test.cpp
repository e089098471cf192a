// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/command_palette.h"

#include "ui/window.h"

#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QMenuBar>
#include <QSet>

namespace attune::shell {
namespace {

using tests::waitFor;

class Palette : public tests::WindowTest
{
protected:
    CommandPalette* palette() { return window->findChild<CommandPalette*>(); }
    QLineEdit* field() { return palette()->findChild<QLineEdit*>(); }
    QListView* list() { return palette()->findChild<QListView*>(); }
    QStringList found()
    {
        QStringList all;
        for (int i = 0; i < list()->model()->rowCount(); ++i)
            all.append(list()->model()->index(i, 0).data().toString());
        return all;
    }
    void openPalette()
    {
        QTest::keyClick(window->windowHandle(), Qt::Key_K, Qt::ControlModifier);
        ASSERT_TRUE(palette()->isVisible());
        ASSERT_TRUE(waitFor([this] { return field()->hasFocus(); }));
    }
};

}

TEST_F(Palette, OpensPagesByAFewLetters)
{
    openPalette();
    QTest::keyClicks(field(), QStringLiteral("sett"));
    EXPECT_EQ(found().first(), QStringLiteral("Settings"));
    QTest::keyClick(field(), Qt::Key_Return);
    EXPECT_FALSE(palette()->isVisible());
    EXPECT_EQ(shown(), window->page(PageId::Settings));
}

TEST_F(Palette, FindsRuns)
{
    openPalette();
    QTest::keyClicks(field(), QString::fromStdString("export " + done));
    const QString wanted = QStringLiteral("Export %1…").arg(QString::fromStdString(done));
    ASSERT_TRUE(waitFor([&] { return found().contains(wanted); }));
    EXPECT_EQ(found().first(), wanted);
    QTest::keyClick(field(), Qt::Key_Return);
    EXPECT_EQ(shown(), window->page(PageId::Export));
}

TEST_F(Palette, MovesByArrowsAndClosesByEscape)
{
    press(Qt::Key_5);
    auto* before = QApplication::focusWidget();
    openPalette();
    QTest::keyClick(field(), Qt::Key_Down);
    EXPECT_EQ(list()->currentIndex().row(), 1);
    QTest::keyClick(field(), Qt::Key_Up);
    QTest::keyClick(field(), Qt::Key_Up);
    EXPECT_EQ(list()->currentIndex().row(), list()->model()->rowCount() - 1);
    QTest::keyClick(field(), Qt::Key_Escape);
    EXPECT_FALSE(palette()->isVisible());
    EXPECT_EQ(QApplication::focusWidget(), before);
}

TEST_F(Palette, ShowsWhyAnActionCannotBeDone)
{
    press(Qt::Key_1);
    openPalette();
    QTest::keyClicks(field(), QStringLiteral("save checkpoint"));
    ASSERT_EQ(found().first(), QStringLiteral("Save checkpoint"));
    QTest::keyClick(field(), Qt::Key_Return);
    EXPECT_TRUE(palette()->isVisible()) << "what cannot be done is not done";
}

TEST_F(Palette, HasEveryActionOfTheMenus)
{
    openPalette();
    QSet<QString> missing;
    const auto all = found();
    std::function<void(const QMenu*)> walk = [&](const QMenu* menu) {
        for (auto* action : menu->actions())
            if (action->menu())
                walk(action->menu());
            else if (!action->isSeparator() && !all.contains(action->text().remove(QLatin1Char('&'))))
                missing.insert(action->text());
    };
    for (auto* action : window->menuBar()->actions())
        walk(action->menu());
    EXPECT_TRUE(missing.isEmpty()) << missing.values().join(QStringLiteral(", ")).toStdString();
}

TEST_F(Palette, MenusHaveMnemonicsAndNoShortcutTwice)
{
    QSet<QString> keys;
    for (auto* top : window->menuBar()->actions()) {
        EXPECT_TRUE(top->text().contains(QLatin1Char('&'))) << top->text().toStdString();
        for (auto* action : top->menu()->actions()) {
            if (action->shortcut().isEmpty())
                continue;
            EXPECT_FALSE(keys.contains(action->shortcut().toString())) << action->shortcut().toString().toStdString();
            keys.insert(action->shortcut().toString());
        }
    }
    EXPECT_GE(keys.size(), 20);
}

TEST_F(Palette, GoesBackAndForward)
{
    press(Qt::Key_2);
    window->open(PageId::Runs, QString::fromStdString(done));
    ASSERT_TRUE(waitFor([this] { return lossPanel() != nullptr; }));
    press(Qt::Key_9);
    const auto alt = [this](Qt::Key key) { QTest::keyClick(window->windowHandle(), key, Qt::AltModifier); };
    alt(Qt::Key_Left);
    EXPECT_EQ(shown(), window->page(PageId::Runs));
    EXPECT_TRUE(window->windowTitle().contains(QString::fromStdString(done)));
    alt(Qt::Key_Left);
    EXPECT_EQ(shown(), window->page(PageId::Datasets));
    alt(Qt::Key_Right);
    alt(Qt::Key_Right);
    EXPECT_EQ(shown(), window->page(PageId::Settings));
}

}
