// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/compare/compare_samples.h"

#include "bridge/text.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/tokens.h"
#include "widgets/dot.h"
#include "widgets/diff_label.h"

#include <QBoxLayout>
#include <QGridLayout>
#include <QScrollArea>

#include <set>

namespace attune::pages {

using bridge::toQString;
using widgets::Tone;

CompareSamples::CompareSamples(int perPage, QWidget* parent)
    : Panel(tr("Samples"), parent)
    , m_perPage(perPage)
{
    m_which = new widgets::SegmentedControl({tr("Best checkpoints"), tr("Same step")});
    m_which->setAccessibleName(tr("Which answers are compared"));
    auto* legend = new widgets::DiffLabel;
    legend->setWordWrap(false);
    legend->setAlignment(Qt::AlignVCenter);
    legend->setTexts(tr("removed "), tr("+ added "));
    addAction(m_which);
    addAction(legend);
    addAction(new widgets::CaptionLabel(tr("against the baseline")));
    m_back = widgets::iconButton(QStringLiteral("left"), tr("Earlier prompts"));
    m_next = widgets::iconButton(QStringLiteral("right"), tr("Further prompts"));
    addAction(m_back);
    addAction(m_next);
    m_content = new widgets::PlaneWidget(widgets::Plane::Surface);
    m_grid = new QGridLayout(m_content);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setSpacing(0);
    auto* scroll = new QScrollArea;
    scroll->setWidget(m_content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_empty = widgets::wrappedLabel(tr("These runs share no sample prompt. Prompts are set under Train, Evaluation and samples."));
    m_empty->setContentsMargins(12, 12, 12, 12);
    body()->addWidget(m_empty);
    body()->addWidget(scroll, 1);
    connect(m_which, &widgets::SegmentedControl::currentChanged, this, [this] { fill(); });
    connect(m_back, &QToolButton::clicked, this, [this] { m_first = std::max<qsizetype>(0, m_first - m_perPage); fill(); });
    connect(m_next, &QToolButton::clicked, this, [this] { m_first += m_perPage; fill(); });
}

void CompareSamples::show(const CompareData& comparison)
{
    m_data = comparison;
    m_first = 0;
    m_prompts.clear();
    QHash<QString, std::set<std::size_t>> owners;
    for (std::size_t i = 0; i < comparison.runs.size(); ++i)
        for (const auto* event : comparison.runs[i].eventsOf("sample")) {
            const QString prompt = toQString(event->data.value("prompt", ""));
            if (!owners.contains(prompt))
                m_prompts.append(prompt);
            owners[prompt].insert(i);
        }
    m_prompts.removeIf([&](const QString& prompt) { return owners[prompt].size() < 2; });
    fill();
}

/// The highest step at which all runs that know the prompt answered it.
std::int64_t CompareSamples::sharedStep(const QString& prompt) const
{
    std::map<std::int64_t, std::size_t> counts;
    std::size_t owners = 0;
    for (const auto& run : m_data.runs) {
        bool has = false;
        for (const auto* event : run.eventsOf("sample"))
            if (toQString(event->data.value("prompt", "")) == prompt) {
                ++counts[event->step];
                has = true;
            }
        owners += has;
    }
    std::int64_t step = -1;
    for (const auto& [at, count] : counts)
        if (count == owners)
            step = at;
    return step;
}

CompareSamples::Answer CompareSamples::answer(std::size_t run, const QString& prompt) const
{
    const auto& asked = m_data.runs[run];
    const auto wanted = m_which->currentIndex() == 1 ? sharedStep(prompt) : asked.row.bestStep;
    Answer found;
    for (const auto* event : asked.eventsOf("sample")) {
        if (toQString(event->data.value("prompt", "")) != prompt)
            continue;
        // Without a best step the last answer stands.
        if (wanted <= 0 || event->step <= wanted || found.step < 0)
            found = {event->step, toQString(event->data.value("text", ""))};
    }
    return found;
}

void CompareSamples::clearGrid()
{
    while (auto* item = m_grid->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (int i = 0; i < m_grid->rowCount(); ++i)
        m_grid->setRowStretch(i, 0);
}

void CompareSamples::addPrompt(int line, qsizetype prompt)
{
    const int columns = static_cast<int>(m_data.runs.size());
    const auto cell = [](widgets::Plane plane, const QList<QWidget*>& head, QWidget* body) {
        auto* box = new widgets::PlaneWidget(plane);
        auto* inner = widgets::column(4);
        inner->setContentsMargins(12, 8, 12, 10);
        box->setLayout(inner);
        auto* row = widgets::row(6);
        for (auto* one : head)
            row->addWidget(one);
        row->insertStretch(row->count() > 2 ? 2 : row->count(), 1);
        inner->addLayout(row);
        inner->addWidget(body);
        inner->addStretch(1);
        return box;
    };
    auto* words = widgets::wrappedLabel(m_prompts[prompt], Tone::Text);
    words->setAlignment(Qt::AlignTop);
    m_grid->addWidget(cell(widgets::Plane::Window, {widgets::captionLabel(tr("Prompt %1").arg(prompt + 1))}, words), line, 0);
    const QString base = answer(m_data.baseline, m_prompts[prompt]).text;
    for (int i = 0; i < columns; ++i) {
        const auto run = static_cast<std::size_t>(i);
        const auto found = answer(run, m_prompts[prompt]);
        auto* text = new widgets::DiffLabel;
        if (found.step < 0)
            text->setPlain(tr("This run was not asked."));
        else if (run == m_data.baseline)
            text->setPlain(found.text);
        else
            text->setTexts(base, found.text);
        auto* name = widgets::bodyLabel(m_data.name(run));
        const QString step = found.step < 0 ? QString() : tr("step %1").arg(bridge::grouped(found.step));
        m_grid->addWidget(new widgets::Hairline(Qt::Vertical), line, 2 * i + 1);
        m_grid->addWidget(cell(widgets::Plane::Surface, {new widgets::Dot(m_data.runs[run].row.colour), name, widgets::captionLabel(step)}, text), line, 2 * i + 2);
        m_grid->setColumnStretch(2 * i + 2, 2);
    }
    m_grid->setColumnStretch(0, 1);
    m_grid->addWidget(new widgets::Hairline, line + 1, 0, 1, 2 * columns + 1);
}

void CompareSamples::fill()
{
    clearGrid();
    m_empty->setVisible(m_prompts.isEmpty());
    m_content->parentWidget()->parentWidget()->setVisible(!m_prompts.isEmpty());
    const qsizetype shown = m_perPage > 0 ? m_perPage : m_prompts.size();
    m_first = std::min(m_first, std::max<qsizetype>(0, m_prompts.size() - 1));
    const qsizetype last = std::min(m_prompts.size(), m_first + shown);
    for (qsizetype i = m_first; i < last; ++i)
        addPrompt(static_cast<int>(2 * (i - m_first)), i);
    m_grid->setRowStretch(static_cast<int>(2 * (last - m_first)) + 1, 1);
    m_back->setVisible(m_perPage > 0);
    m_next->setVisible(m_perPage > 0);
    m_back->setEnabled(m_first > 0);
    m_next->setEnabled(last < m_prompts.size());
    setCaption(m_prompts.isEmpty() ? QString() : last - m_first == 1 ? tr("prompt %1 of %2, temperature 0").arg(last).arg(m_prompts.size()) : tr("prompts %1 to %2 of %3, temperature 0").arg(m_first + 1).arg(last).arg(m_prompts.size()));
}

}
