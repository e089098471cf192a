// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/run/run_data.h"
#include "widgets/panel.h"

namespace attune::pages {

/// A prompt of a run and what the model answered at chosen steps: the first, the best, the last. One prompt at a time,
/// with a way to the next.
class SampleStrip final : public widgets::Panel
{
    Q_OBJECT
public:
    explicit SampleStrip(QWidget* parent = nullptr);
    void show(const RunData& runData);
    void clear();

private:
    struct Answer { std::int64_t step; QString text; };
    struct Prompt { QString text; QList<Answer> answers; };
    void fill();
    void addCell(const QString& head, const QString& text, bool isBest);
    QList<Answer> chosen(const Prompt& prompt) const;

    QList<Prompt> m_prompts;
    qsizetype m_current = 0;
    std::int64_t m_best = 0;
    QToolButton *m_back = nullptr, *m_next = nullptr;
    QHBoxLayout* m_cells = nullptr;
    QString m_shown;  ///< what is in the cells, so that live updates do not make them anew
};

}
