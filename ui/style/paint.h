// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPainter>
#include <QRectF>

class QPixmap;
class QPainterPath;
class QStyleOption;

namespace attune::style {

/// A filled rounded rectangle with a crisp 1-px line inside rect; an invalid colour leaves that part out.
void drawBox(QPainter* painter, const QRect& rect, const QColor& fill, const QColor& line, qreal radius, qreal width = 1.0);
/// A 1-px line between two points on half pixels.
void drawHairline(QPainter* painter, const QPoint& from, const QPoint& to, const QColor& colour);
/// The mark of a run around (0, 0), as wide as a circle of this radius: each of the eight colours has a shape of its own,
/// so that runs are told apart without colours, too.
QPainterPath runShape(int run, qreal radius);
/// A run's mark in its colour; below 0 a grey circle, for what is no run. Hollow: a run that is not shown.
void drawRunMark(QPainter* painter, const QPointF& centre, int run, bool isHollow = false);
/// The same as a picture of 16 x 16 for the entries of a list.
QPixmap runMarkPixmap(int run, qreal pixelRatio);
/// Flags for QPainter::drawText: at the side that the layout's direction gives, written in the direction of its own letters.
int textFlags(const QString& text, Qt::LayoutDirection direction, Qt::Alignment side = Qt::AlignLeft);
/// What a widget paints itself, in coordinates that begin where one begins to read: places are mirrored, letters are not.
struct Reading {
    QRect whole;
    Qt::LayoutDirection direction;

    QRect at(const QRect& place) const;
    void draw(QPainter& painter, const QRect& place, const QString& text, Qt::Alignment side = Qt::AlignLeft) const;
};
/// Words beside a title: in one line, or in as many as the box is high; shortened only where even those do not hold them.
void drawCaption(QPainter* painter, const QRect& box, const QString& text, Qt::LayoutDirection direction);
/// The ground of a row of a list or table: chosen, chosen while the focus is elsewhere, or under the mouse; else none.
void drawRowGround(QPainter* painter, const QStyleOption& option);

}
