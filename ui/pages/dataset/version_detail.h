// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/opened_version.h"
#include "shell/page.h"
#include "widgets/table.h"

class QPushButton;
class QStackedWidget;

namespace attune::pages {

class FactsPanel;

/// One version of a dataset: where it comes from, its steps, the runs that were trained on it, and what can be done with it.
class VersionDetail final : public widgets::PlaneWidget
{
    Q_OBJECT
public:
    explicit VersionDetail(shell::Context& context, QWidget* parent = nullptr);
    /// row: one of opened's versions, or null while none is chosen.
    void setVersion(const OpenedPtr& opened, const store::DatasetRow* row);
    /// Where the menu of versions to compare with opens.
    QPoint menuPlace() const;
    /// A restore takes a moment: it is not asked for twice.
    void lockRestore();

signals:
    void viewWanted();
    void restoreWanted();
    void compareWanted();
    void saveWanted();
    void applyWanted();

private:
    QPushButton* add(const QString& text, const char* name, void (VersionDetail::*signal)());
    void showFacts(const OpenedPtr& opened, const store::DatasetRow& row);
    void showSteps(const OpenedPtr& opened, const store::DatasetRow& row);
    void askForRuns(const store::DatasetRow& row);
    void showRuns(const std::vector<store::RunRow>& runs);

    shell::Context& m_context;
    std::string m_argument;  ///< "tickets@3", what is shown
    widgets::Label *m_title = nullptr, *m_noRun = nullptr;
    QHBoxLayout* m_head = nullptr;
    FactsPanel* m_facts = nullptr;
    widgets::Table *m_steps = nullptr, *m_runs = nullptr;
    QStackedWidget* m_runsStack = nullptr;
    QPushButton *m_view = nullptr, *m_restore = nullptr, *m_compare = nullptr, *m_save = nullptr, *m_apply = nullptr;
};

}
