// SPDX-License-Identifier: GPL-3.0-or-later
#include "style/paint.h"

#include "style/row_hover.h"
#include "style/tokens.h"

#include <QPainterPath>
#include <QPixmap>
#include <QStyleOption>

#include <cmath>

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

QPainterPath runShape(int run, qreal radius)
{
    const auto polygon = [radius](int corners, qreal turn, qreal scale) {
        QPolygonF points;
        for (int i = 0; i < corners; ++i) {
            const qreal angle = turn + 2 * M_PI * i / corners;
            points.append(QPointF(scale * radius * std::sin(angle), -scale * radius * std::cos(angle)));
        }
        QPainterPath path;
        path.addPolygon(points);
        path.closeSubpath();
        return path;
    };
    const auto cross = [radius](qreal turn) {
        const qreal arm = 1.25 * radius, half = 0.42 * radius;
        QPainterPath path;
        path.setFillRule(Qt::WindingFill);
        path.addRect(-arm, -half, 2 * arm, 2 * half);
        path.addRect(-half, -arm, 2 * half, 2 * arm);
        return QTransform().rotate(turn).map(path.simplified());
    };
    QPainterPath path;
    switch (std::max(0, run) % 8) {
    case 1: return polygon(4, M_PI / 4, 1.25);  // square
    case 2: return polygon(3, 0, 1.3);          // triangle
    case 3: return polygon(4, 0, 1.3);          // diamond
    case 4: return polygon(3, M_PI, 1.3);       // triangle on its tip
    case 5: return cross(0);
    case 6: return cross(45);
    case 7: return polygon(6, 0, 1.15);         // hexagon
    }
    path.addEllipse(QPointF(0, 0), radius, radius);
    return path;
}

void drawRunMark(QPainter* painter, const QPointF& centre, int run, bool isHollow)
{
    const auto& t = tokens();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(isHollow ? QPen(t.text2, 1.2) : QPen(Qt::NoPen));
    painter->setBrush(isHollow ? QBrush(Qt::NoBrush) : QBrush(run >= 0 ? t.run(run) : t.text2));
    painter->translate(centre);
    painter->drawPath(runShape(run, 4));
    painter->restore();
}

QPixmap runMarkPixmap(int run, qreal pixelRatio)
{
    QPixmap mark(QSize(16, 16) * pixelRatio);
    mark.setDevicePixelRatio(pixelRatio);
    mark.fill(Qt::transparent);
    QPainter painter(&mark);
    drawRunMark(&painter, {8, 8}, run);
    return mark;
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
