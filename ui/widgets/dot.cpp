// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dot.h"

#include "style/paint.h"

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
    QPainter painter(this);
    style::drawRunMark(&painter, {width() / 2.0, height() / 2.0}, m_colour);
}

}
