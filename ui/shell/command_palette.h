// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shell/command_match.h"
#include "shell/page.h"

#include <QKeySequence>

class QLineEdit;
class QListView;
class QStandardItemModel;
class QMenuBar;

namespace attune::shell {

/// One thing that the palette can do or show.
struct Command {
    QString text, kind;      ///< kind: "File", "run"
    QString icon;
    QKeySequence key;
    QString reason;          ///< why it cannot be done now; empty: it can
    std::function<void()> run;
};

/// Ctrl+K: every action of the menus, every page and object of the workspace, found by a few letters. Return does it,
/// Escape closes. What cannot be done now is shown with its reason.
class CommandPalette final : public QWidget
{
    Q_OBJECT
public:
    CommandPalette(Context& context, QMenuBar* menus, QWidget* window);
    void open();

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    class Delegate;
    void loadActions(const QMenuBar* menus);
    void loadObjects();
    void fill();
    void place();
    void perform(int row);
    void leave();

    Context& m_context;
    QMenuBar* m_menus;
    QLineEdit* m_field = nullptr;
    QListView* m_list = nullptr;
    QStandardItemModel* m_model = nullptr;
    QList<Command> m_commands;
    QList<int> m_shown;                  ///< indices into m_commands
    QPointer<QWidget> m_before;          ///< had the focus
};

}
