// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/compare/compare_data.h"
#include "plots/chart_controls.h"
#include "plots/tab_line.h"
#include "shell/page.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"

#include <QStackedWidget>

class QGridLayout;

namespace attune::pages {

class CompareTable;
class CompareSamples;
class FactsPanel;

/// Several runs side by side: curves, settings, samples, data, system; one of them is the baseline.
class CompareView : public QWidget
{
    Q_OBJECT
public:
    explicit CompareView(shell::Context& context, QWidget* parent = nullptr);
    void show(const QStringList& runs);
    QString title() const;
    const QStringList& runs() const { return m_runs; }

signals:
    void backRequested();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QString shownTitle() const;
    QWidget* buildOverview();
    QWidget* buildCharts();
    QWidget* buildData();
    QWidget* buildSystem();
    QGridLayout* buildGrid(QWidget* page);
    void shareTop();
    void addPanel(plots::CurvePanel* panel, bool isFact, bool hasLog);
    void load();
    void fill();
    void fillCharts();
    void fillData();
    void showChips();
    /// In a narrow window buttons show their icons only, for the names of the runs.
    void setCompact(bool isCompact);
    void addRun();
    void setBaseline(std::size_t run);
    void exportCsv();
    QList<plots::Curve> curves(const QString& name, double scale = 1.0) const;

    shell::Context& m_context;
    QStringList m_runs;
    QString m_baseline;
    CompareData m_data;
    widgets::PageHeader* m_header = nullptr;
    QWidget* m_chips = nullptr;
    QPushButton* m_csv = nullptr;  ///< without its word where the window is narrow
    bool m_isCompact = true;
    int m_roomyWidth = 1000;  ///< at which the header needs not be compact
    plots::TabLine* m_tabLine = nullptr;
    QTabBar* m_tabs = nullptr;
    QStackedWidget* m_stack = nullptr;
    plots::ChartControls* m_controls = nullptr;
    plots::ChartGroup m_group;
    struct Chart { plots::CurvePanel* panel; QString series; double scale; QGridLayout* grid; };
    QList<Chart> m_charts;
    QList<QGridLayout*> m_grids;
    QHBoxLayout* m_top = nullptr;
    CompareTable *m_short = nullptr, *m_config = nullptr;
    CompareSamples *m_strip = nullptr, *m_samples = nullptr;
    QHBoxLayout* m_facts = nullptr;
};

}
