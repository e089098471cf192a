// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shell/page.h"

#include <QKeySequence>
#include <QList>

class QAction;
class QLineEdit;
class QMenu;
class QMenuBar;

namespace attune::shell {

/// What only the window itself can do, for the menus.
struct WindowActions {
    std::function<void()> back, forward, foldSidebar, quit, palette;
    std::function<bool()> canGoBack, canGoForward;
    /// The run that the menu "Run" speaks of: the one that is shown, else the one that trains here; empty without one.
    std::function<QString()> currentRun;
    std::function<bool()> isRunLive;
    /// Asks the page that shows it to do something with its run ("stop").
    std::function<void(const QString& command)> perform;
    std::function<PageId()> shownId;
    std::function<Page*()> shownPage;
};

/// Every action of the program with mnemonic and shortcut. What cannot be done now is disabled and says why.
class MainMenu final : public QObject
{
    Q_OBJECT
public:
    MainMenu(Context& context, QMenuBar* bar, QWidget* window, WindowActions actions);
    /// Enables what can be done now; called when a menu opens and before the palette does.
    void update();
    void enableShortcuts();

private:
    struct Rule { QAction* action; std::function<QString()> reason; };
    QMenu* menu(const QString& name);
    QAction* add(QMenu* menu, const QString& text, const char* icon, const QKeySequence& key, const std::function<void()>& run, const std::function<QString()>& reason = {});
    void addFile();
    void addEdit();
    void addView();
    void addData();
    void addRun();
    void addTools();
    void addHelp();
    QLineEdit* finder() const;
    static QString withMnemonic(const QString& name, QString& taken);
    void post(store::RunCommand command, const QString& said);
    void about();

    Context& m_context;
    QMenuBar* m_bar;
    QWidget* m_window;
    WindowActions m_actions;
    QList<Rule> m_rules;
};

}
