// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/run/run_data.h"
#include "plots/chart_controls.h"
#include "shell/page.h"

#include <map>

namespace attune::pages {

/// Losses of the runs whose dots are filled in the table, one colour a run, train solid and eval dashed.
class RunsChart final : public QWidget
{
    Q_OBJECT
public:
    explicit RunsChart(shell::Context& context, QWidget* parent = nullptr);
    /// Runs in the order of the table; reads what is new of those that still train.
    void setRuns(const QStringList& runs);

private:
    void load();
    void fill();

    shell::Context& m_context;
    plots::CurvePanel* m_panel = nullptr;
    plots::ChartControls* m_controls = nullptr;
    widgets::Label* m_note = nullptr;
    plots::ChartGroup m_group;
    QStringList m_runs;
    std::map<QString, RunData> m_data;
    bool m_isAsking = false, m_askAgain = false;
};

}
