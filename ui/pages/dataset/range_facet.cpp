// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/range_facet.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QStyle>

#include <algorithm>
#include <cmath>
#include <utility>

namespace attune::pages {

namespace {
constexpr int kLeft = 12, kPlotHeight = 40, kThumb = 14;
constexpr double kNoEnd = 1e15;
}

RangeFacet::RangeFacet(const QString& field, const QString& title, QWidget* parent)
    : QWidget(parent)
    , m_field(field)
    , m_title(title)
{
    setObjectName(QStringLiteral("facet-") + field);
    setAccessibleName(title);
    setFocusPolicy(Qt::TabFocus);
    setFixedHeight(style::scaled(98));
}

void RangeFacet::setBars(const pipeline::Histogram& bars, double least, double most)
{
    const bool wasWhole = m_bars.counts.empty() || isWhole();
    m_bars = bars;
    m_least = least;
    m_most = most;
    if (wasWhole)
        clearRange();
    update();
}

void RangeFacet::setLimit(qint64 limit, const QString& words)
{
    m_limit = limit;
    m_limitWords = words;
    const QFontMetrics metrics(style::caption());
    const bool isLong = metrics.horizontalAdvance(words) > style::scaled(style::kFacetsWidth) - kLeft - 16;
    setFixedHeight(style::scaled(words.isEmpty() ? 98 : 118) + (isLong ? metrics.lineSpacing() : 0));
    update();
}

void RangeFacet::setRange(double low, double high)
{
    m_low = std::max(low, m_bars.minimum);
    m_high = std::min(high, m_bars.maximum);
    update();
}

void RangeFacet::clearRange()
{
    m_low = m_bars.minimum;
    m_high = m_bars.maximum;
    update();
}

QRect RangeFacet::plotRect() const
{
    return {kLeft, style::scaled(30), width() - 2 * kLeft, kPlotHeight};
}

int RangeFacet::xOf(double value) const
{
    const QRect plot = plotRect();
    const double width = m_bars.maximum - m_bars.minimum;
    return plot.x() + (width > 0 ? static_cast<int>(std::clamp((value - m_bars.minimum) / width, 0.0, 1.0) * plot.width()) : 0);
}

double RangeFacet::valueAt(int x) const
{
    const QRect plot = plotRect();
    const double share = std::clamp(static_cast<double>(x - plot.x()) / plot.width(), 0.0, 1.0);
    return std::round(m_bars.minimum + share * (m_bars.maximum - m_bars.minimum));
}

QRect RangeFacet::thumbRect(bool isHigh) const
{
    const int y = plotRect().bottom() + 12, x = std::clamp(xOf(isHigh ? m_high : m_low), kLeft + kThumb / 2, width() - kLeft - kThumb / 2);
    return {x - kThumb / 2, y - kThumb / 2, kThumb, kThumb};
}

void RangeFacet::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    painter.setFont(style::body(style::Weight::SemiBold));
    painter.setPen(t.text);
    const QRect head(kLeft, 4, width() - 2 * kLeft, style::scaled(26));
    painter.drawText(head, style::textFlags(m_title, layoutDirection()), m_title);
    const auto number = [](double value) { return bridge::grouped(static_cast<qint64>(value)); };
    painter.setFont(style::monoCaption());
    painter.setPen(t.text2);
    const bool isEnd = m_high >= m_bars.maximum;
    const QString shown = number(std::max(m_low, m_least)) + QChar(0x2013) + number(isEnd ? m_most : m_high);
    painter.drawText(head, style::textFlags(shown, layoutDirection(), Qt::AlignRight), shown);
    const QRect plot = plotRect();
    const int bars = static_cast<int>(m_bars.counts.size());
    const auto most = bars ? std::max<std::int64_t>(1, *std::max_element(m_bars.counts.begin(), m_bars.counts.end())) : 1;
    for (int i = 0; i < bars; ++i) {
        const int left = plot.x() + plot.width() * i / bars, right = plot.x() + plot.width() * (i + 1) / bars;
        const auto count = m_bars.counts[static_cast<std::size_t>(i)];
        const int h = count ? std::max(1, static_cast<int>(count * kPlotHeight / most)) : 0;
        const double middle = m_bars.minimum + (i + 0.5) / bars * (m_bars.maximum - m_bars.minimum);
        const bool isIn = middle >= m_low && middle <= m_high;
        painter.fillRect(QRect(left, plot.bottom() - h + 1, std::max(1, right - left - 1), h), !isIn ? t.borderStrong : m_limit > 0 && middle > static_cast<double>(m_limit) ? t.warning : t.histogram);
    }
    style::drawHairline(&painter, plot.bottomLeft() + QPoint(0, 1), plot.bottomRight() + QPoint(0, 1), t.border);
    if (m_limit > 0 && static_cast<double>(m_limit) < m_bars.maximum)
        painter.fillRect(QRect(xOf(static_cast<double>(m_limit)), plot.y() - 2, 2, plot.height() + 3), t.warning);
    const QRect low = thumbRect(false), high = thumbRect(true);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    QColor groove = t.borderStrong;
    groove.setAlphaF(0.55F);
    painter.setBrush(groove);
    painter.drawRoundedRect(QRectF(kLeft, low.center().y() - 1, width() - 2 * kLeft, 4), 2, 2);
    painter.setBrush(t.accent);
    painter.drawRoundedRect(QRectF(low.center().x(), low.center().y() - 1, high.center().x() - low.center().x(), 4), 2, 2);
    for (const bool isHigh : {false, true}) {
        painter.setPen(QPen(t.accent, 2));
        painter.setBrush(m_dragged == (isHigh ? 2 : 1) ? t.accent : t.surface);
        painter.drawEllipse(QRectF(isHigh ? high : low).adjusted(1.5, 2.5, -0.5, 0.5));
        if (m_hasKeyboardFocus && isHigh == m_isHighFocused) {
            painter.setBrush(Qt::NoBrush);
            painter.drawEllipse(QRectF(isHigh ? high : low).adjusted(-2, -1, 3, 4));
        }
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
    if (!m_limitWords.isEmpty()) {
        const int y = low.bottom() + 4;
        const auto at = [this](const QRect& place) { return QStyle::visualRect(layoutDirection(), rect(), place); };
        painter.fillRect(at({kLeft, y + 4, 2, 12}), t.warning);
        painter.setFont(style::caption());
        painter.setPen(t.text2);
        style::drawCaption(&painter, at({kLeft + 7, y, width() - kLeft - 16, height() - y - 4}), m_limitWords, layoutDirection());
    }
    style::drawHairline(&painter, rect().bottomLeft(), rect().bottomRight(), t.border);
}

void RangeFacet::say()
{
    emit rangeChanged(m_low <= m_bars.minimum ? 0 : m_low, m_high >= m_bars.maximum ? kNoEnd : m_high);
}

void RangeFacet::mousePressEvent(QMouseEvent* event)
{
    const QPoint at = event->position().toPoint();
    if (event->button() != Qt::LeftButton || at.y() < plotRect().y() || m_bars.counts.empty())
        return;
    if (at.y() > thumbRect(false).bottom() + 3) {
        emit limitClicked();
        return;
    }
    const int toLow = std::abs(at.x() - thumbRect(false).center().x()), toHigh = std::abs(at.x() - thumbRect(true).center().x());
    m_dragged = toLow < toHigh || (toLow == toHigh && at.x() < thumbRect(false).center().x()) ? 1 : 2;
    m_isHighFocused = m_dragged == 2;
    mouseMoveEvent(event);
}

void RangeFacet::mouseMoveEvent(QMouseEvent* event)
{
    if (!m_dragged)
        return;
    const double value = valueAt(event->position().toPoint().x());
    (m_dragged == 1 ? m_low : m_high) = m_dragged == 1 ? std::min(value, m_high) : std::max(value, m_low);
    update();
}

void RangeFacet::mouseReleaseEvent(QMouseEvent*)
{
    if (std::exchange(m_dragged, 0)) {
        update();
        say();
    }
}

void RangeFacet::keyPressEvent(QKeyEvent* event)
{
    const double step = std::max(1.0, std::round((m_bars.maximum - m_bars.minimum) / 50));
    const double by = event->key() == Qt::Key_Right || event->key() == Qt::Key_Up ? step : event->key() == Qt::Key_Left || event->key() == Qt::Key_Down ? -step : 0;
    if (by == 0)
        return QWidget::keyPressEvent(event);
    double& moved = m_isHighFocused ? m_high : m_low;
    moved = std::clamp(moved + by, m_isHighFocused ? m_low : m_bars.minimum, m_isHighFocused ? m_bars.maximum : m_high);
    update();
    say();
}

bool RangeFacet::focusNextPrevChild(bool isNext)
{
    if (hasFocus() && isNext != m_isHighFocused) {
        m_isHighFocused = isNext;
        update();
        return true;
    }
    return QWidget::focusNextPrevChild(isNext);
}

void RangeFacet::focusInEvent(QFocusEvent* event)
{
    m_hasKeyboardFocus = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason;
    m_isHighFocused = event->reason() == Qt::BacktabFocusReason;
    update();
}

void RangeFacet::focusOutEvent(QFocusEvent*)
{
    m_hasKeyboardFocus = false;
    update();
}

}
