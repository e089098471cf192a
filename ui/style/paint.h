// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPainter>
#include <QRectF>

class QStyleOption;

namespace attune::style {

/// A filled rounded rectangle with a crisp 1-px line inside rect; an invalid colour leaves that part out.
void drawBox(QPainter* painter, const QRect& rect, const QColor& fill, const QColor& line, qreal radius, qreal width = 1.0);
/// A 1-px line between two points on half pixels.
void drawHairline(QPainter* painter, const QPoint& from, const QPoint& to, const QColor& colour);
/// The ground of a row of a list or table: chosen, chosen while the focus is elsewhere, or under the mouse; else none.
void drawRowGround(QPainter* painter, const QStyleOption& option);

}
