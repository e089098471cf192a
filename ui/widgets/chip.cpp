// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chip.h"

#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QKeyEvent>
#include <QPainter>
#include <QStyle>

namespace attune::widgets {

FilterChip::FilterChip(const QString& words, QWidget* parent)
    : QAbstractButton(parent)
{
    setText(words);
    setAccessibleName(tr("Remove the filter %1").arg(words));
    setToolTip(accessibleName());
    setFixedHeight(style::smallControlHeight());
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAttribute(Qt::WA_Hover);
    connect(this, &QAbstractButton::clicked, this, &FilterChip::removed);
}

QSize FilterChip::sizeHint() const
{
    return {QFontMetrics(style::caption()).horizontalAdvance(text()) + 34, style::smallControlHeight()};
}

void FilterChip::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    style::drawBox(&painter, rect(), t.accentWeak, hasFocus() ? t.accent : underMouse() ? t.borderStrong : t.border, style::kRadius, hasFocus() ? 2.0 : 1.0);
    painter.setFont(style::caption());
    painter.setPen(t.text);
    painter.drawText(QStyle::visualRect(layoutDirection(), rect(), QRect(9, 0, width() - 33, height())), Qt::AlignCenter, text());
    painter.drawPixmap(QStyle::visualRect(layoutDirection(), rect(), QRect(width() - 20, (height() - 12) / 2, 12, 12)).topLeft(), style::iconPixmap(QStringLiteral("close"), 12, t.text2, devicePixelRatioF()));
}

void FilterChip::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace)
        emit removed();
    else
        QAbstractButton::keyPressEvent(event);
}

}
