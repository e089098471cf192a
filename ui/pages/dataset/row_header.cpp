// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/row_header.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QStyle>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <utility>

namespace attune::pages {

namespace {
constexpr int kGrip = 4, kSmallest = 44, kBarHeight = 14;
}

RowHeader::RowHeader(QWidget* parent)
    : QWidget(parent)
{
    setMouseTracking(true);
    setFixedHeight(style::scaled(46));
    setAccessibleName(tr("Columns"));
}

void RowHeader::setOffset(int x)
{
    if (m_offset == x)
        return;
    m_offset = x;
    update();
}

void RowHeader::setSort(const std::string& field, bool isDescending)
{
    m_sortBy = field;
    m_isDescending = isDescending;
    update();
}

QRect RowHeader::rectOf(int column) const
{
    int x = -m_offset;
    for (int i = 0; i < column; ++i)
        x += (*m_columns)[static_cast<std::size_t>(i)].isVisible ? (*m_columns)[static_cast<std::size_t>(i)].width : 0;
    return QStyle::visualRect(layoutDirection(), rect(), {x, 0, (*m_columns)[static_cast<std::size_t>(column)].width, height()});
}

/// The edge at which a column is made wider.
int RowHeader::edgeOf(int column) const
{
    return layoutDirection() == Qt::RightToLeft ? rectOf(column).left() : rectOf(column).right();
}

int RowHeader::columnAt(int x) const
{
    for (int i = 0; m_columns && i < static_cast<int>(m_columns->size()); ++i)
        if ((*m_columns)[static_cast<std::size_t>(i)].isVisible && rectOf(i).contains(x, 1))
            return i;
    return -1;
}

QRect RowHeader::barsOf(int column) const
{
    const auto& info = (*m_columns)[static_cast<std::size_t>(column)];
    const QRect rect = rectOf(column);
    const int bars = static_cast<int>(info.bars.counts.size());
    const int each = std::clamp((rect.width() - 16) / std::max(1, bars), 3, 7);
    return {rect.x() + 8, rect.bottom() - 7 - kBarHeight, std::min(rect.width() - 12, each * bars), kBarHeight + 2};
}

int RowHeader::barAt(int column, const QPoint& at) const
{
    const auto& info = (*m_columns)[static_cast<std::size_t>(column)];
    const QRect rect = barsOf(column);
    if (info.bars.counts.empty() || info.rangeField.empty() || !rect.adjusted(0, -2, 0, 6).contains(at))
        return -1;
    const int bar = (at.x() - rect.x()) * static_cast<int>(info.bars.counts.size()) / std::max(1, rect.width());
    return std::clamp(bar, 0, static_cast<int>(info.bars.counts.size()) - 1);
}

std::pair<double, double> RowHeader::rangeOf(int column, int bar) const
{
    const auto& bars = (*m_columns)[static_cast<std::size_t>(column)].bars;
    const double width = (bars.maximum - bars.minimum) / static_cast<double>(bars.counts.size());
    const bool isLast = bar + 1 == static_cast<int>(bars.counts.size());
    const double low = bars.minimum + bar * width;
    if (width < 1)
        return {low, isLast ? 1e15 : std::nextafter(low + width, low)};
    // Whole numbers: the next bar begins behind this one's last number.
    return {bar == 0 ? bars.minimum : std::ceil(low), isLast ? 1e15 : std::ceil(low + width) - 1};
}

void RowHeader::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    painter.setLayoutDirection(Qt::LeftToRight);  // in a column names stand as its texts do
    painter.fillRect(rect(), t.raised);
    for (int i = 0; m_columns && i < static_cast<int>(m_columns->size()); ++i)
        if ((*m_columns)[static_cast<std::size_t>(i)].isVisible && rectOf(i).intersects(rect()))
            paintColumn(painter, i);
    style::drawHairline(&painter, rect().bottomLeft(), rect().bottomRight(), t.border);
}

void RowHeader::paintColumn(QPainter& painter, int column) const
{
    const auto& t = style::tokens();
    const auto& info = (*m_columns)[static_cast<std::size_t>(column)];
    const QRect rect = rectOf(column);
    style::drawHairline(&painter, rect.topRight(), rect.bottomRight(), t.border);
    const bool isSorted = !info.sortBy.empty() && info.sortBy == m_sortBy;
    QRect line(rect.x() + 8, 4, rect.width() - 16, 18);
    painter.setFont(style::body(style::Weight::Medium));
    painter.setPen(t.text);
    const int mark = isSorted ? 14 : 0;
    const QString name = painter.fontMetrics().elidedText(info.name, Qt::ElideRight, line.width() - mark);
    const int width = painter.fontMetrics().horizontalAdvance(name);
    const bool isRight = info.isMono();
    const int x = isRight ? line.right() - width - mark + 1 : line.x();
    painter.drawText(QRect(x, line.y(), width + 2, line.height()), Qt::AlignVCenter, name);
    if (isSorted)
        painter.drawPixmap(x + width + 2, line.y() + 3, style::iconPixmap(m_isDescending ? QStringLiteral("down") : QStringLiteral("up"), 12, t.accent, devicePixelRatioF()));
    if (!isRight) {
        const QRect rest(x + width + mark + 5, line.y(), line.right() - x - width - mark - 5, line.height());
        painter.setFont(style::caption());
        painter.setPen(t.text2);
        if (rest.width() > 24)
            painter.drawText(rest, Qt::AlignVCenter, painter.fontMetrics().elidedText(info.note, Qt::ElideRight, rest.width()));
    }
    if (info.bars.counts.empty())
        return;
    const QRect bars = barsOf(column);
    const int count = static_cast<int>(info.bars.counts.size());
    const auto most = std::max<std::int64_t>(1, *std::max_element(info.bars.counts.begin(), info.bars.counts.end()));
    for (int i = 0; i < count; ++i) {
        const int left = bars.x() + bars.width() * i / count, right = bars.x() + bars.width() * (i + 1) / count;
        const auto value = info.bars.counts[static_cast<std::size_t>(i)];
        const int h = value ? std::max(1, static_cast<int>(value * kBarHeight / most)) : 0;
        const bool isHot = column == m_hoverColumn && i == m_hoverBar;
        if (isHot)
            painter.fillRect(QRect(left, bars.y() - 2, right - left - 1, kBarHeight + 4), t.selection);
        painter.fillRect(QRect(left, bars.y() + kBarHeight - h + 1, std::max(1, right - left - 1), h), isHot ? t.accent : t.histogram);
    }
}

void RowHeader::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || !m_columns)
        return;
    const QPoint at = event->position().toPoint();
    for (int i = 0; i < static_cast<int>(m_columns->size()); ++i)
        if ((*m_columns)[static_cast<std::size_t>(i)].isVisible && std::abs(at.x() - edgeOf(i)) <= kGrip) {
            m_resized = i;
            m_pressedX = at.x();
            m_pressedWidth = (*m_columns)[static_cast<std::size_t>(i)].width;
            return;
        }
}

void RowHeader::mouseMoveEvent(QMouseEvent* event)
{
    const QPoint at = event->position().toPoint();
    if (m_resized >= 0) {
        (*m_columns)[static_cast<std::size_t>(m_resized)].width = std::max(kSmallest, m_pressedWidth + (layoutDirection() == Qt::RightToLeft ? -1 : 1) * (at.x() - m_pressedX));
        update();
        emit widthChanged();
        return;
    }
    const int column = columnAt(at.x());
    const int bar = column >= 0 ? barAt(column, at) : -1;
    const bool isEdge = column >= 0 && (std::abs(at.x() - edgeOf(column)) <= kGrip || (column > 0 && std::min(std::abs(at.x() - rectOf(column).x()), std::abs(at.x() - rectOf(column).right())) <= kGrip));
    setCursor(isEdge ? Qt::SplitHCursor : bar >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    if (column != m_hoverColumn || bar != m_hoverBar) {
        m_hoverColumn = column;
        m_hoverBar = bar;
        update();
    }
}

void RowHeader::mouseReleaseEvent(QMouseEvent* event)
{
    const QPoint at = event->position().toPoint();
    if (std::exchange(m_resized, -1) >= 0 || event->button() != Qt::LeftButton)
        return;
    const int column = columnAt(at.x());
    if (column < 0)
        return;
    if (const int bar = barAt(column, at); bar >= 0) {
        const auto [low, high] = rangeOf(column, bar);
        emit rangeWanted(column, low, high);
    } else if (!(*m_columns)[static_cast<std::size_t>(column)].sortBy.empty()) {
        emit sortWanted(column);
    }
}

void RowHeader::leaveEvent(QEvent*)
{
    m_hoverColumn = m_hoverBar = -1;
    update();
}

void RowHeader::contextMenuEvent(QContextMenuEvent* event)
{
    emit menuWanted(event->globalPos());
}

bool RowHeader::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int column = columnAt(help->pos().x());
    if (column < 0)
        return true;
    const auto& info = (*m_columns)[static_cast<std::size_t>(column)];
    const int bar = barAt(column, help->pos());
    if (bar < 0) {
        QToolTip::showText(help->globalPos(), info.note.isEmpty() ? info.name : info.name + QStringLiteral(": ") + info.note, this);
        return true;
    }
    const auto [low, high] = rangeOf(column, bar);
    const QString unit = info.kind == GridColumn::Kind::Tokens ? tr("tokens") : info.isMono() ? QString() : tr("characters");
    const QString range = high > 1e14 ? tr("%1 and more").arg(bridge::grouped(static_cast<qint64>(low))) : tr("%1 to %2").arg(bridge::grouped(static_cast<qint64>(low)), bridge::grouped(static_cast<qint64>(high)));
    QToolTip::showText(help->globalPos(), tr("%1 %2: %3 rows").arg(range, unit, bridge::grouped(info.bars.counts[static_cast<std::size_t>(bar)])), this);
    return true;
}

}
