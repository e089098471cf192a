// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/bar_list.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QMouseEvent>
#include <QPainter>

namespace attune::pages {

namespace {
constexpr int kMargin = 12;
int lineHeight() { return style::scaled(22); }
}

BarList::BarList(const QString& name, QWidget* parent)
    : QWidget(parent)
{
    setMouseTracking(true);
    setAccessibleName(name);
    setMinimumHeight(style::scaled(96));
}

QSize BarList::sizeHint() const
{
    return {style::scaled(200), style::scaled(110)};
}

void BarList::setItems(const QList<FacetItem>& items)
{
    m_items = items;
    m_total = m_most = 0;
    for (const auto& item : items) {
        m_total += item.count;
        m_most = std::max(m_most, item.count);
    }
    update();
}

int BarList::shown() const
{
    const int room = std::max(1, (height() - 8) / lineHeight());
    return static_cast<int>(m_items.size() > room ? room - 1 : m_items.size());
}

QRect BarList::lineRect(int line) const
{
    return {kMargin, 6 + line * lineHeight(), width() - 2 * kMargin, lineHeight()};
}

void BarList::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    if (m_items.isEmpty()) {
        painter.setFont(style::caption());
        painter.setPen(t.text2);
        painter.drawText(rect(), Qt::AlignCenter, tr("counting…"));
        return;
    }
    const style::Reading reading {rect(), layoutDirection()};
    const int words = std::min(width() * 2 / 5, style::scaled(130));
    for (int i = 0; i < shown(); ++i) {
        const auto& item = m_items[i];
        const QRect line = lineRect(i);
        painter.setFont(style::body());
        painter.setPen(i == m_hover ? t.accent : t.text);
        reading.draw(painter, {line.x(), line.y(), words - 8, line.height()}, painter.fontMetrics().elidedText(item.label, Qt::ElideRight, words - 8));
        const QString count = QStringLiteral("%1  %2 %").arg(bridge::grouped(item.count)).arg(bridge::decimal(m_total ? item.count * 100.0 / static_cast<double>(m_total) : 0, item.count * 100 < 10 * m_total ? 1 : 0));
        painter.setFont(style::monoCaption());
        painter.setPen(t.text2);
        const int right = painter.fontMetrics().horizontalAdvance(QStringLiteral("000 000  00.0 %"));
        reading.draw(painter, line, count, Qt::AlignRight);
        const int room = line.width() - words - right - 8;
        if (room > 20 && m_most > 0)
            painter.fillRect(reading.at({line.x() + words, line.center().y() - 4, std::max(1, static_cast<int>(item.count * room / m_most)), 9}), i == m_hover ? t.accent : t.histogram);
    }
    if (shown() < m_items.size()) {
        painter.setFont(style::caption());
        painter.setPen(t.text2);
        reading.draw(painter, lineRect(shown()), tr("and %1 more").arg(m_items.size() - shown()));
    }
}

void BarList::mouseMoveEvent(QMouseEvent* event)
{
    int line = -1;
    for (int i = 0; i < shown(); ++i)
        if (lineRect(i).contains(event->position().toPoint()))
            line = i;
    setCursor(line >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    if (line == m_hover)
        return;
    m_hover = line;
    update();
}

void BarList::mouseReleaseEvent(QMouseEvent* event)
{
    for (int i = 0; i < shown(); ++i)
        if (lineRect(i).contains(event->position().toPoint()) && event->button() == Qt::LeftButton)
            emit valueClicked(m_items[i].value, m_items[i].label);
}

void BarList::leaveEvent(QEvent*)
{
    m_hover = -1;
    update();
}

}
