// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shell/page.h"
#include "store/store.h"
#include "widgets/panel.h"

namespace attune::pages {

/// Where one was: the newest run with its state, three values and what comes next; or one that waits for a decision.
class RunCard final : public QWidget
{
    Q_OBJECT
public:
    explicit RunCard(shell::Context& context, QWidget* parent = nullptr);
    void setRun(const store::RunRow& run, bool needsAttention);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    shell::Context& m_context;
    store::RunRow m_run;
    widgets::Label* m_heading = nullptr;
    widgets::StatusChip* m_chip = nullptr;
    QPushButton *m_first = nullptr, *m_second = nullptr;
};

}
