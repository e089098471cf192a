// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/choice_segments.h"

#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

namespace attune::widgets {

ChoiceSegments::ChoiceSegments(const QStringList& words, QWidget* parent)
    : SegmentedControl(words, parent)
    , m_choices(words)
{
}

void ChoiceSegments::setChoices(const QStringList& words)
{
    m_choices = words;
    setWords(words);
}

void ChoiceSegments::setReason(int index, const QString& reason)
{
    m_reasons[index] = reason;
    update();
}

int ChoiceSegments::indexAt(const QPoint& at) const
{
    for (int i = 0; i < m_choices.size(); ++i)
        if (partOf(i).contains(QPoint(at.x(), height() / 2)))
            return i;
    return -1;
}

void ChoiceSegments::paintEvent(QPaintEvent* event)
{
    SegmentedControl::paintEvent(event);
    const auto& t = style::tokens();
    QPainter painter(this);
    painter.setFont(style::body());
    for (int i = 0; i < m_choices.size(); ++i) {
        if (isPossible(i) || i == currentIndex())
            continue;
        const QRect part = partOf(i).adjusted(2, 2, -2, -2);
        painter.fillRect(part, t.isDark ? t.window : t.surface);
        painter.setPen(t.textDisabled);
        painter.drawText(part, Qt::AlignCenter, m_choices[i]);
    }
}

void ChoiceSegments::mousePressEvent(QMouseEvent* event)
{
    const int index = indexAt(event->pos());
    if (index >= 0 && isPossible(index))
        setCurrentIndex(index);
}

/// Goes on in the same direction where a word is not possible.
void ChoiceSegments::keyPressEvent(QKeyEvent* event)
{
    const int forward = layoutDirection() == Qt::RightToLeft ? -1 : 1;
    const int step = event->key() == Qt::Key_Left ? -forward : event->key() == Qt::Key_Right ? forward : 0;
    if (step == 0)
        return SegmentedControl::keyPressEvent(event);
    int index = currentIndex() + step;
    while (index >= 0 && index < m_choices.size() && !isPossible(index))
        index += step;
    setCurrentIndex(index);
}

bool ChoiceSegments::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return SegmentedControl::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const QString reason = m_reasons.value(indexAt(help->pos()));
    QToolTip::showText(help->globalPos(), reason.isEmpty() ? toolTip() : reason, this);
    return true;
}

}
