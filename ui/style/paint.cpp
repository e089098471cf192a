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

int textFlags(const QString& text, Qt::LayoutDirection direction, Qt::Alignment side)
{
    return static_cast<int>(QStyle::visualAlignment(direction, side) | Qt::AlignVCenter | Qt::AlignAbsolute) | (text.isRightToLeft() ? Qt::TextForceRightToLeft : Qt::TextForceLeftToRight);
}

QRect Reading::at(const QRect& place) const
{
    return QStyle::visualRect(direction, whole, place);
}

void Reading::draw(QPainter& painter, const QRect& place, const QString& text, Qt::Alignment side) const
{
    painter.drawText(at(place), textFlags(text, direction, side), text);
}

void drawCaption(QPainter* painter, const QRect& box, const QString& text, Qt::LayoutDirection direction)
{
    const QFontMetrics metrics = painter->fontMetrics();
    const int flags = textFlags(text, direction);
    if (metrics.horizontalAdvance(text) <= box.width()) {
        painter->drawText(box, flags, text);
        return;
    }
    constexpr int kAir = 4;  // above and below letters there is some of it
    const int lines = std::max(1, (box.height() + kAir) / metrics.lineSpacing());
    const auto fits = [&](const QString& words) { return metrics.boundingRect(QRect(0, 0, box.width(), 10000), Qt::TextWordWrap, words).height() <= lines * metrics.lineSpacing(); };
    QString words = lines == 1 ? metrics.elidedText(text, Qt::ElideRight, box.width()) : text;
    for (int width = lines * box.width(); lines > 1 && width > 0 && !fits(words); width -= box.width() / 8 + 1)
        words = metrics.elidedText(text, Qt::ElideRight, width);
    painter->drawText(box, flags | (lines > 1 ? Qt::TextWordWrap : 0), words);
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
