// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/run/run_messages.h"
#include "pages/run/run_tab.h"
#include "plots/tab_line.h"
#include "widgets/page_header.h"
#include "widgets/progress_header.h"

#include <QStackedWidget>

namespace attune::pages {

/// One run: what it does now or did, its curves, samples, settings and files. Follows rows that any
/// process writes; its buttons post commands that the run's owner reads.
class RunView : public QWidget
{
    Q_OBJECT
public:
    explicit RunView(shell::Context& context, QWidget* parent = nullptr);
    void show(const QString& run);
    const QString& run() const { return m_id; }
    /// "28 % – support-bot-4" while it trains.
    QString title() const;
    void openTab(const QString& key);
    /// "stop" asks, "resume" goes on; nothing where the run's state does not allow it.
    void perform(const QString& command);
    bool isLive() const { return m_data.isLive(); }

signals:
    void backRequested();
    void titleChanged();

protected:
    void showEvent(QShowEvent* event) override;

private:
    void buildHeader(QBoxLayout* layout);
    void buildTabs(QBoxLayout* layout);
    RunTab* tab(int index);
    void refresh();
    void setKnown(bool isKnown);
    void take(RunNews news);
    void lose(const Error& error);
    void showHeader();
    void showProgress();
    QList<QPair<QString, QString>> facts() const;
    void showTabs();
    void showControls();
    void post(store::RunCommand command, const QString& said);
    void pressPrimary();
    void stopAndUse(qint64 step);
    void confirmStop();
    void discardIfAsked();

    shell::Context& m_context;
    QString m_id;
    RunData m_data;
    bool m_isAsking = false, m_askAgain = false;
    QString m_discard;  ///< the run that goes to the trash once it has stopped

    widgets::PageHeader* m_header = nullptr;
    widgets::StatusChip* m_chip = nullptr;
    widgets::ElidedLabel* m_lineage = nullptr;
    QPushButton *m_primary = nullptr, *m_sample = nullptr, *m_save = nullptr, *m_stop = nullptr;
    QToolButton* m_more = nullptr;
    widgets::ProgressHeader* m_progress = nullptr;
    RunMessages* m_messages = nullptr;
    QTabBar* m_tabs = nullptr;
    plots::TabLine* m_tabLine = nullptr;
    QStackedWidget* m_stack = nullptr;
    QList<RunTab*> m_made;  ///< by index of runTabs(); null until it is opened
};

}
