// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/runs/run_filter.h"
#include "shell/page.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"

class QComboBox;
class QLineEdit;
class QStackedWidget;
class QSplitter;

namespace attune::pages {

class RunsChart;

/// The table of runs: filter chips, groups, columns of one's choice, dots that feed the chart above, and what can be done
/// with several runs at once.
class RunsList final : public QWidget
{
    Q_OBJECT
public:
    explicit RunsList(shell::Context& context, QWidget* parent = nullptr);
    void refresh();
    /// The rows and columns that are shown, as a file has them.
    QString csv();
    QStringList selectedRuns() const { return m_table->selectedIds(); }

signals:
    void opened(const QString& run);
    void compareRequested(const QStringList& runs);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* buildBar();
    QWidget* buildBulk();
    void connectTable();
    void fill();
    void showEmpty(const QString& sentence);
    QList<widgets::TableRow> groupedRows(const std::vector<const ListedRun*>& runs) const;
    widgets::TableRow rowOf(const ListedRun& run) const;
    bool passes(const ListedRun& run) const;
    void takeFilter();
    void showChips();
    void showBulk();
    void shareHeight();
    void chooseShown();
    void toggleShown(const QString& run);
    void showColumnMenu();
    void showMenu(const QPoint& at);
    void tagSelected();
    void exportCsv();
    std::vector<store::RunRow> selected() const;

    shell::Context& m_context;
    std::shared_ptr<RunReader> m_reader = std::make_shared<RunReader>();  ///< worker thread only
    std::vector<ListedRun> m_runs;
    QList<RunCondition> m_conditions;
    QStringList m_shown;  ///< in the chart
    bool m_isAsking = false, m_askAgain = false, m_isSplitByHand = false;

    QSplitter* m_split = nullptr;
    widgets::Label* m_count = nullptr;
    QLineEdit* m_filter = nullptr;
    QHBoxLayout* m_chips = nullptr;
    QComboBox* m_group = nullptr;
    QPushButton *m_add = nullptr, *m_columns = nullptr, *m_archived = nullptr;
    RunsChart* m_chart = nullptr;
    widgets::Table* m_table = nullptr;
    QStackedWidget* m_stack = nullptr;
    widgets::EmptyState* m_empty = nullptr;
    QWidget* m_bulk = nullptr;
    widgets::Label* m_selected = nullptr;
    QPushButton *m_compare = nullptr, *m_tag = nullptr, *m_archive = nullptr;
    QList<QPushButton*> m_actions;  ///< of the selection
};

}
