// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/run/sample_strip.h"

#include "bridge/text.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/tokens.h"

#include <QBoxLayout>

namespace attune::pages {

using bridge::toQString;
using widgets::Tone;

SampleStrip::SampleStrip(QWidget* parent)
    : Panel(tr("Sample"), parent)
{
    setObjectName(QStringLiteral("sample-strip"));
    setFixedHeight(style::scaled(126));
    m_back = widgets::iconButton(QStringLiteral("left"), tr("Previous prompt"));
    m_next = widgets::iconButton(QStringLiteral("right"), tr("Next prompt"));
    addAction(m_back);
    addAction(m_next);
    m_cells = widgets::row(0);
    body()->addLayout(m_cells, 1);
    const auto step = [this](qsizetype by) {
        m_current = (m_current + by + m_prompts.size()) % std::max<qsizetype>(1, m_prompts.size());
        fill();
    };
    connect(m_back, &QToolButton::clicked, this, [step] { step(-1); });
    connect(m_next, &QToolButton::clicked, this, [step] { step(1); });
}

void SampleStrip::clear()
{
    m_prompts.clear();
    m_current = 0;
    m_shown.clear();
    while (auto* item = m_cells->takeAt(0)) {
        delete item->widget();
        delete item;
    }
}

void SampleStrip::show(const RunData& runData)
{
    m_best = runData.row.bestStep;
    m_prompts.clear();
    for (const auto* event : runData.eventsOf("sample")) {
        const QString prompt = toQString(event->data.value("prompt", "")), text = toQString(event->data.value("text", ""));
        auto it = std::find_if(m_prompts.begin(), m_prompts.end(), [&](const Prompt& p) { return p.text == prompt; });
        if (it == m_prompts.end()) {
            m_prompts.append({prompt, {}});
            it = m_prompts.end() - 1;
        }
        if (!it->answers.isEmpty() && it->answers.last().step == event->step)
            it->answers.last().text = text;
        else
            it->answers.append({event->step, text});
    }
    setVisible(!m_prompts.isEmpty());
    m_current = std::min(m_current, std::max<qsizetype>(0, m_prompts.size() - 1));
    fill();
}

/// The first, one in the middle, the best and the last: at most four.
QList<SampleStrip::Answer> SampleStrip::chosen(const Prompt& prompt) const
{
    const auto& all = prompt.answers;
    if (all.size() <= 4)
        return all;
    QList<qsizetype> places {0, all.size() / 3, all.size() - 1};
    for (qsizetype i = 0; i < all.size(); ++i)
        if (m_best > 0 && all[i].step == m_best && !places.contains(i))
            places.append(i);
    if (places.size() < 4 && !places.contains(2 * all.size() / 3))
        places.append(2 * all.size() / 3);
    std::sort(places.begin(), places.end());
    QList<Answer> answers;
    for (const auto place : places)
        answers.append(all[place]);
    return answers;
}

void SampleStrip::addCell(const QString& head, const QString& text, bool isBest)
{
    auto* box = new widgets::PlaneWidget(m_cells->count() == 0 ? widgets::Plane::Window : widgets::Plane::Surface);
    auto* inner = widgets::column(2);
    inner->setContentsMargins(10, 7, 10, 6);
    box->setLayout(inner);
    auto* line = widgets::row(6);
    line->addWidget(widgets::captionLabel(head));
    if (isBest) {
        auto* flag = new QLabel;
        flag->setPixmap(style::icon(QStringLiteral("flag"), style::IconColour::Accent).pixmap(14, 14));
        line->addWidget(flag);
        auto* best = widgets::captionLabel(tr("best"));
        best->setTone(Tone::Accent);
        line->addWidget(best);
    }
    line->addStretch(1);
    inner->addLayout(line);
    auto* body = widgets::wrappedLabel(text.isEmpty() ? tr("nothing") : text, text.isEmpty() ? Tone::Secondary : Tone::Text);
    body->setAlignment(Qt::AlignTop);
    body->setToolTip(text);
    body->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Ignored);
    inner->addWidget(body, 1);
    if (m_cells->count() > 0)
        m_cells->addWidget(new widgets::Hairline(Qt::Vertical));
    m_cells->addWidget(box, 1);
}

void SampleStrip::fill()
{
    if (m_prompts.isEmpty())
        return;
    const auto& prompt = m_prompts[m_current];
    const auto answers = chosen(prompt);
    QString key = QStringLiteral("%1 %2").arg(m_current).arg(m_best);
    for (const auto& answer : answers)
        key += QStringLiteral(" %1:%2").arg(answer.step).arg(qHash(answer.text));
    if (key == m_shown)
        return;
    while (auto* item = m_cells->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_shown = key;
    addCell(tr("Prompt"), prompt.text, false);
    for (const auto& answer : answers)
        addCell(answer.step == 0 ? tr("step 0, base") : tr("step %1").arg(bridge::grouped(answer.step)), answer.text, m_best > 0 && answer.step == m_best);
    setCaption(tr("prompt %1 of %2, temperature 0").arg(m_current + 1).arg(m_prompts.size()));
    m_back->setEnabled(m_prompts.size() > 1);
    m_next->setEnabled(m_prompts.size() > 1);
}

}
