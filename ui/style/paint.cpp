// SPDX-License-Identifier: GPL-3.0-or-later
#include "style/paint.h"

#include "style/row_hover.h"
#include "style/tokens.h"

#include <QStyleOption>

namespace attune::style {

void drawBox(QPainter* painter, const QRect& rect, const QColor& fill, const QColor& line, qreal radius, qreal width)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing, radius > 0);
    painter->setBrush(fill.isValid() ? QBrush(fill) : QBrush(Qt::NoBrush));
    painter->setPen(line.isValid() ? QPen(line, width) : QPen(Qt::NoPen));
    const qreal inset = line.isValid() ? width / 2 : 0;
    painter->drawRoundedRect(QRectF(rect).adjusted(inset, inset, -inset, -inset), radius, radius);
    painter->restore();
}

void drawHairline(QPainter* painter, const QPoint& from, const QPoint& to, const QColor& colour)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing, false);
    painter->setPen(QPen(colour, 1));
    painter->drawLine(from, to);
    painter->restore();
}

void drawRowGround(QPainter* painter, const QStyleOption& option)
{
    const auto& t = tokens();
    if (option.state & QStyle::State_Selected)
        painter->fillRect(option.rect, option.state & QStyle::State_Active ? t.selection : t.accentWeak);
    else if (RowHover::holds(option))
        painter->fillRect(option.rect, t.hover);
}

}
