// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/rule_chip.h"

#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QFontMetrics>
#include <QPainter>

namespace attune::widgets {

RuleChip::RuleChip(int number, const QString& text, QWidget* parent)
    : QWidget(parent)
    , m_number(QString::number(number))
    , m_text(text)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(m_number + QLatin1Char(' ') + text);
}

QSize RuleChip::sizeHint() const
{
    return {QFontMetrics(style::monoCaption()).horizontalAdvance(m_number) + 6 + QFontMetrics(style::body()).horizontalAdvance(m_text) + 16, style::smallControlHeight()};
}

void RuleChip::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    style::drawBox(&painter, rect(), t.raised, t.border, style::kRadius);
    painter.setFont(style::monoCaption());
    painter.setPen(t.text2);
    const int wide = painter.fontMetrics().horizontalAdvance(m_number);
    const style::Reading reading {rect(), layoutDirection()};
    reading.draw(painter, rect().adjusted(8, 0, 0, 0), m_number);
    painter.setFont(style::body());
    painter.setPen(t.text);
    reading.draw(painter, rect().adjusted(8 + wide + 6, 0, 0, 0), m_text);
}

}
