// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "bridge/latest_job.h"
#include "pages/train/token_text.h"
#include "shell/page.h"
#include "widgets/table.h"

#include <QDialog>

namespace attune::pages {

/// A larger view of what a run reads: every row of a step with its tokens, ids and shares, and the steps of the first
/// epoch one after another; or all rows that the context cuts, with what is cut.
class BatchDialog final : public QDialog
{
    Q_OBJECT
public:
    enum class Show { Steps, CutRows };
    BatchDialog(shell::Context& context, const pipeline::Recipe& recipe, Show show, QWidget* parent);

private:
    void build();
    void load(std::int64_t step);
    void setBatch(const pipeline::TokenBatch& batch);
    void showRow();

    shell::Context& m_context;
    pipeline::Recipe m_recipe;
    Show m_show;
    pipeline::TokenBatch m_batch;
    bridge::LatestJob m_job;
    widgets::Label *m_title = nullptr, *m_facts = nullptr;
    QToolButton *m_back = nullptr, *m_on = nullptr;
    TokenLegend* m_legend = nullptr;
    widgets::Table* m_rows = nullptr;
    widgets::TokenView* m_views[2] {};
    std::int64_t m_step = 0;
};

}
