// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plots/curve_panel.h"
#include "shell/main_window.h"
#include "style/theme.h"
#include "support/history.h"
#include "support/paths.h"
#include "ui/fixture.h"
#include "widgets/table.h"

#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QTest>
#include <QThreadPool>

#include <memory>
#include <optional>

namespace attune::tests {

/// A window on a workspace with three runs, one of them running in another process.
class WindowTest : public UiTest
{
protected:
    WindowTest()
        : settings(QString::fromStdString(dir.path("studio.ini")), QSettings::IniFormat)
    {
        auto opened = store::Store::open(workspace());
        EXPECT_TRUE(opened);
        history = std::move(*opened);
        done = addRun(*history, "support-bot", store::RunStatus::Completed, 300, 300, 1);
        running = addRun(*history, "story-writer", store::RunStatus::Running, 120, 400, 2);
        // Who holds the lock owns the run; it stands for the other process.
        auto lock = store::RunLock::acquire(history->run(running)->folder);
        EXPECT_TRUE(lock);
        owner.emplace(std::move(*lock));
        failed = addRun(*history, "too-fast", store::RunStatus::Failed, 60, 400, 3);
        window = std::make_unique<shell::MainWindow>(QString::fromStdString(workspace()), settings);
        window->resize(1280, 800);
        window->show();
        window->activateWindow();
        EXPECT_TRUE(waitFor([this] { return window->isActiveWindow(); }));
    }
    ~WindowTest() override
    {
        window.reset();
        QThreadPool::globalInstance()->waitForDone();
        style::applyTheme(style::Theme::Light);
    }

    std::string workspace() const { return dir.path("workspace"); }
    QWidget* shown() const { return window->findChild<QStackedWidget*>()->currentWidget(); }
    void press(Qt::Key key) { QTest::keyClick(window->windowHandle(), key, Qt::ControlModifier); }
    widgets::Table* runs()
    {
        for (auto* table : window->page(shell::PageId::Runs)->findChildren<widgets::Table*>())
            if (table->accessibleName() == QStringLiteral("Runs"))
                return table;
        return nullptr;
    }
    plots::CurvePanel* lossPanel()
    {
        const auto panels = window->page(shell::PageId::Runs)->findChildren<plots::CurvePanel*>();
        for (auto* panel : panels)
            if (panel->isVisible() && panel->toCsv().contains(QStringLiteral("train,1,")))
                return panel;
        return nullptr;
    }
    /// The visible button with this text.
    QPushButton* button(const char* text)
    {
        for (auto* candidate : window->findChildren<QPushButton*>())
            if (candidate->isVisible() && candidate->text().remove(QLatin1Char('&')) == QString::fromUtf8(text))
                return candidate;
        return nullptr;
    }
    /// Anything that is visible, by its object name.
    template<typename T>
    T* part(const char* name)
    {
        for (auto* candidate : window->findChildren<T*>(QLatin1String(name)))
            if (candidate->isVisible())
                return candidate;
        return nullptr;
    }
    bool click(QWidget* widget)
    {
        if (!widget || !widget->isVisible() || !widget->isEnabled())
            return false;
        QTest::mouseClick(widget, Qt::LeftButton);
        return true;
    }
    /// Waits for a button with this text and presses it.
    bool press(const char* text) { return waitFor([&] { return button(text) && button(text)->isEnabled(); }) && click(button(text)); }
    /// What a page says where one can see it.
    bool says(const QString& text)
    {
        return waitFor([&] {
            for (auto* label : window->findChildren<QLabel*>())
                if (label->isVisible() && label->text().contains(text))
                    return true;
            return false;
        });
    }
    /// Opens a run and waits for its curves.
    bool openRun(const std::string& id)
    {
        window->open(shell::PageId::Runs, QString::fromStdString(id));
        return waitFor([this] { return lossPanel() != nullptr; });
    }

    TempDir dir;
    QSettings settings;
    std::unique_ptr<store::Store> history;
    std::optional<store::RunLock> owner;
    std::string done, running, failed;
    std::unique_ptr<shell::MainWindow> window;
};


}
