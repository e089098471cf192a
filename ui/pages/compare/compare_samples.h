// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/compare/compare_data.h"
#include "widgets/panel.h"

class QGridLayout;

namespace attune::pages {

/// Answers of the runs to the prompts that they share, a row a prompt and a column a run, with word differences against
/// the baseline: of their best checkpoints or at one step.
class CompareSamples final : public widgets::Panel
{
    Q_OBJECT
public:
    /// perPage: prompts shown at once; 0 = all.
    explicit CompareSamples(int perPage, QWidget* parent = nullptr);
    void show(const CompareData& comparison);

private:
    struct Answer { std::int64_t step = -1; QString text; };
    void fill();
    void clearGrid();
    void addPrompt(int line, qsizetype prompt);
    Answer answer(std::size_t run, const QString& prompt) const;
    std::int64_t sharedStep(const QString& prompt) const;

    int m_perPage;
    CompareData m_data;
    QStringList m_prompts;
    qsizetype m_first = 0;
    widgets::SegmentedControl* m_which = nullptr;
    widgets::Label* m_note = nullptr;
    QToolButton *m_back = nullptr, *m_next = nullptr;
    QGridLayout* m_grid = nullptr;
    QWidget* m_content = nullptr;
    widgets::Label* m_empty = nullptr;
};

}
