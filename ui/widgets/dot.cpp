// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dot.h"

#include "style/tokens.h"

#include <QPainter>

namespace attune::widgets {

Dot::Dot(int colour, QWidget* parent)
    : QWidget(parent)
    , m_colour(colour)
{
    setFixedSize(12, 16);
}

void Dot::setColour(int colour)
{
    m_colour = colour;
    update();
}

void Dot::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_colour >= 0 ? t.run(m_colour) : t.text2);
    painter.drawEllipse(QPointF(width() / 2.0, height() / 2.0), 4, 4);
}

}
