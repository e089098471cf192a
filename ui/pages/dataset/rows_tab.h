// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/dataset_tab.h"
#include "pages/dataset/facet_column.h"
#include "pages/dataset/filter_bar.h"
#include "pages/dataset/row_grid.h"
#include "pages/dataset/row_pane.h"
#include "pages/dataset/steps_strip.h"

namespace attune::pages {

/// The rows of a version: facets at left, the grid, the chosen row in full at right, filters above, steps below.
/// It connects these parts; what rows are shown is the filter's business.
class RowsTab final : public DatasetTab
{
    Q_OBJECT
public:
    explicit RowsTab(shell::Context& context);
    void setFacts(DatasetFacts& facts) override;
    void setDataset(OpenedPtr opened) override;
    void activate() override;
    void showRows(const RowsWanted& wanted);
    void showTerm(const ShownTerm& term);
    void showRow(std::int64_t row);
    /// step: its number from 0, or -1 for a new one.
    void openStepDialog(int step);
    /// Adds the steps of a steps.yaml behind the version's.
    void applyStepsFile(const QString& path);
    RowFilter& filter() { return *m_filter; }
    RowGrid& grid() { return *m_grid; }
    RowPane& pane() { return *m_pane; }

public slots:
    /// Edit > Undo, wherever in the tab the focus is.
    void undo() { emit undoWanted(); }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void build();
    void connectParts();
    void addShortcuts();
    void takeFacts();
    void changeRow(qint64 row, const QString& column, const QString& valueAsJson);
    void dropRow(qint64 row);
    void findSimilar(qint64 row);
    void filterByBar(const QString& field, double low, double high, const QString& column);
    void showColumnsMenu(const QPoint& global);
    void askLimit();
    void saveSteps();
    void applySteps();
    void copyCommand();

    OpenedPtr m_opened;
    DatasetFacts* m_facts = nullptr;
    RowFilter* m_filter = nullptr;
    FilterBar* m_bar = nullptr;
    FacetColumn* m_facets = nullptr;
    RowGrid* m_grid = nullptr;
    RowPane* m_pane = nullptr;
    StepsStrip* m_strip = nullptr;
    QWidget* m_paneSide = nullptr;
};

}
