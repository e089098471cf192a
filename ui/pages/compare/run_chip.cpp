// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/compare/run_chip.h"

#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QPainter>

namespace attune::pages {

namespace {
constexpr int kFlag = 20;
}

RunChip::RunChip(const QString& name, int colour, Mark mark, QWidget* parent)
    : QAbstractButton(parent)
    , m_colour(colour)
    , m_mark(mark)
{
    const bool isBaseline = mark != Mark::None;
    setText(name);
    setObjectName(QStringLiteral("run-chip-") + name);
    setAccessibleName(isBaseline ? tr("%1, baseline").arg(name) : name);
    setToolTip(isBaseline ? tr("%1 is what the others are compared with").arg(name) : tr("%1: take as baseline, open or leave out").arg(name));
    setFixedHeight(style::smallControlHeight());
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    setAttribute(Qt::WA_Hover);
}

QSize RunChip::sizeHint() const
{
    const QFontMetrics metrics(style::caption());
    return {metrics.horizontalAdvance(text()) + 36 + (m_mark == Mark::None ? 0 : kFlag) + (m_mark == Mark::FlagAndWord ? 4 + metrics.horizontalAdvance(tr("baseline")) : 0), style::smallControlHeight()};
}

void RunChip::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    const style::Reading reading {rect(), layoutDirection()};
    style::drawBox(&painter, rect(), t.surface, hasFocus() ? t.accent : underMouse() ? t.borderStrong : t.border, style::kRadius, hasFocus() ? 2.0 : 1.0);
    style::drawRunMark(&painter, QRectF(reading.at({8, 0, 10, height()})).center(), m_colour);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(style::caption());
    painter.setPen(t.text);
    // In a narrow line the flag stays, its word and the end of the name go; the tooltip has both. An advance is rounded: one more.
    const int whole = painter.fontMetrics().horizontalAdvance(text()) + 1, flag = m_mark == Mark::None ? 0 : kFlag;
    const int w = std::min(whole, width() - 34 - flag);
    reading.draw(painter, {24, 0, w + 4, height()}, painter.fontMetrics().elidedText(text(), Qt::ElideRight, w));
    if (m_mark == Mark::None)
        return;
    painter.drawPixmap(reading.at({24 + w + 7, (height() - 13) / 2, 13, 13}).topLeft(), style::iconPixmap(QStringLiteral("flag"), 13, t.text2, devicePixelRatioF()));
    if (m_mark == Mark::Flag || width() < sizeHint().width())
        return;
    painter.setPen(t.text2);
    reading.draw(painter, {24 + w + 23, 0, width() - 24 - w - 23, height()}, tr("baseline"));
}

}
