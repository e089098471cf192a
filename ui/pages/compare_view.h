// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/compare.h"
#include "plots/curve_panel.h"
#include "shell/page.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"
#include "widgets/table.h"

#include <QCheckBox>

namespace attune::pages {

/// Runs side by side: their curves in one plot, what differs in their settings, what came out.
class CompareView : public QWidget
{
    Q_OBJECT
public:
    explicit CompareView(shell::Context& context, QWidget* parent = nullptr);
    void show(const QStringList& runs);

signals:
    void backRequested();

private:
    struct Answer {
        pipeline::Comparison comparison;
        std::vector<store::RunRow> rows;
    };
    void fill();

    shell::Context& m_context;
    QStringList m_runs;
    Answer m_answer;
    widgets::PageHeader* m_header = nullptr;
    QWidget* m_chips = nullptr;
    plots::CurvePanel* m_plot = nullptr;
    widgets::Panel *m_config = nullptr, *m_results = nullptr;
    QCheckBox* m_onlyDifferences = nullptr;
};

}
