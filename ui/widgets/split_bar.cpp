// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/split_bar.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QFontMetrics>
#include <QPainter>

namespace attune::widgets {

namespace {

QColor colourOf(int part)
{
    const auto& t = style::tokens();
    return part == 0 ? t.accent : part == 1 ? t.warning : t.mem2;
}

}

SplitBar::SplitBar(QWidget* parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize SplitBar::sizeHint() const
{
    return {400, style::scaled(44)};
}

void SplitBar::setParts(const QList<Part>& parts, bool isExact)
{
    m_parts = parts;
    m_isExact = isExact;
    QStringList words;
    for (const auto& part : parts)
        words.append(tr("%1: %2 rows").arg(part.name, bridge::grouped(part.rows)));
    setAccessibleName(words.join(QStringLiteral(", ")));
    update();
}

void SplitBar::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    qint64 total = 0;
    for (const auto& part : m_parts)
        total += part.rows;
    const int high = 14;
    const style::Reading reading {rect(), layoutDirection()};
    style::drawBox(&painter, QRect(0, 0, width(), high), t.hover, QColor(), style::kSmallRadius);
    int x = 0;
    qint64 seen = 0;
    for (int i = 0; i < m_parts.size() && total > 0; ++i) {
        seen += m_parts[i].rows;
        const int end = static_cast<int>(static_cast<double>(seen) / static_cast<double>(total) * width());
        if (end > x)
            style::drawBox(&painter, reading.at({x, 0, std::max(2, end - x - (end < width() ? 1 : 0)), high}), colourOf(i), QColor(), style::kSmallRadius);
        x = end;
    }
    const QFontMetrics words(style::body()), numbers(style::mono());
    x = 0;
    const int base = high + 10, tall = height() - base;
    for (int i = 0; i < m_parts.size(); ++i) {
        style::drawBox(&painter, reading.at({x, base + tall / 2 - 4, 8, 8}), colourOf(i), QColor(), 2);
        x += 14;
        painter.setFont(style::body());
        painter.setPen(t.text);
        reading.draw(painter, {x, base, words.horizontalAdvance(m_parts[i].name) + 2, tall}, m_parts[i].name);
        x += words.horizontalAdvance(m_parts[i].name) + 8;
        const double share = total > 0 ? 100.0 * static_cast<double>(m_parts[i].rows) / static_cast<double>(total) : 0;
        const QString number = (m_isExact ? QString() : tr("about ")) + tr("%1 rows, %2 %").arg(bridge::grouped(m_parts[i].rows), bridge::decimal(share, share < 10 && share > 0 ? 1 : 0));
        painter.setFont(style::mono());
        painter.setPen(t.text2);
        reading.draw(painter, {x, base, numbers.horizontalAdvance(number) + 2, tall}, number);
        x += numbers.horizontalAdvance(number) + 24;
    }
}

}
