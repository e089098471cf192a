// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/distribution_plot.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace attune::pages {

namespace {
constexpr int kMargin = 12, kAxis = 20;
constexpr double kNoEnd = 1e15;
}

DistributionPlot::DistributionPlot(const QString& unit, QWidget* parent)
    : QWidget(parent)
    , m_unit(unit)
{
    setMouseTracking(true);
    setMinimumHeight(style::scaled(96));
    setAccessibleName(tr("Distribution in %1").arg(unit));
}

QSize DistributionPlot::sizeHint() const
{
    return {style::scaled(200), style::scaled(110)};
}

void DistributionPlot::setBars(const pipeline::Histogram& bars, double most)
{
    m_bars = bars;
    m_most = most;
    update();
}

void DistributionPlot::setLimit(double limit)
{
    m_limit = limit;
    update();
}

QRect DistributionPlot::plotRect() const
{
    return {kMargin, 10, width() - 2 * kMargin, height() - 10 - kAxis - 4};
}

QRect DistributionPlot::barRect(int bar) const
{
    const QRect plot = plotRect();
    const int bars = static_cast<int>(m_bars.counts.size());
    const auto most = std::max<std::int64_t>(1, *std::max_element(m_bars.counts.begin(), m_bars.counts.end()));
    const int left = plot.x() + plot.width() * bar / bars, right = plot.x() + plot.width() * (bar + 1) / bars;
    const auto count = m_bars.counts[static_cast<std::size_t>(bar)];
    const int h = count ? std::max(1, static_cast<int>(count * plot.height() / most)) : 0;
    return {left, plot.bottom() - h + 1, std::max(1, right - left - 1), h};
}

int DistributionPlot::barAt(const QPoint& at) const
{
    const QRect plot = plotRect();
    if (m_bars.counts.empty() || !plot.contains(at))
        return -1;
    const int bars = static_cast<int>(m_bars.counts.size());
    return std::clamp((at.x() - plot.x()) * bars / plot.width(), 0, bars - 1);
}

std::pair<double, double> DistributionPlot::rangeOf(int bar) const
{
    const double width = (m_bars.maximum - m_bars.minimum) / static_cast<double>(m_bars.counts.size());
    const double low = m_bars.minimum + bar * width;
    const bool isLast = bar + 1 == static_cast<int>(m_bars.counts.size());
    if (width < 1)
        return {low, isLast ? kNoEnd : std::nextafter(low + width, low)};
    return {bar == 0 ? m_bars.minimum : std::ceil(low), isLast ? kNoEnd : std::ceil(low + width) - 1};
}

void DistributionPlot::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    painter.setLayoutDirection(Qt::LeftToRight);  // the axis, also where the page is mirrored
    const QRect plot = plotRect();
    painter.setFont(style::monoCaption());
    painter.setPen(t.text2);
    if (m_bars.counts.empty()) {
        painter.setFont(style::caption());
        painter.drawText(rect(), Qt::AlignCenter, tr("counting…"));
        return;
    }
    const double span = m_bars.maximum - m_bars.minimum;
    for (int i = 0; i < static_cast<int>(m_bars.counts.size()); ++i) {
        const double middle = m_bars.minimum + (i + 0.5) / static_cast<double>(m_bars.counts.size()) * span;
        painter.fillRect(barRect(i), i == m_hover ? t.accent : m_limit > 0 && middle > m_limit ? t.warning : t.histogram);
    }
    style::drawHairline(&painter, {plot.x(), plot.bottom() + 1}, {plot.right(), plot.bottom() + 1}, t.borderStrong);
    const QRect axis(plot.x(), plot.bottom() + 4, plot.width(), kAxis);
    const auto number = [](double value) { return bridge::grouped(static_cast<qint64>(value)); };
    painter.drawText(axis, Qt::AlignLeft | Qt::AlignVCenter, number(m_bars.minimum));
    painter.drawText(axis, Qt::AlignRight | Qt::AlignVCenter, (m_most > m_bars.maximum ? tr("%1+, most %2").arg(number(m_bars.maximum), number(m_most)) : number(m_most)) + QLatin1Char(' ') + m_unit);
    if (m_limit > 0 && m_limit < m_bars.maximum && span > 0)
        painter.fillRect(QRect(plot.x() + static_cast<int>((m_limit - m_bars.minimum) / span * plot.width()), plot.y() - 4, 2, plot.height() + 5), t.warning);
}

void DistributionPlot::mouseMoveEvent(QMouseEvent* event)
{
    const int bar = barAt(event->position().toPoint());
    setCursor(bar >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    if (bar == m_hover)
        return;
    m_hover = bar;
    update();
}

void DistributionPlot::leaveEvent(QEvent*)
{
    m_hover = -1;
    update();
}

void DistributionPlot::mouseReleaseEvent(QMouseEvent* event)
{
    const int bar = barAt(event->position().toPoint());
    if (bar < 0 || event->button() != Qt::LeftButton)
        return;
    const auto [low, high] = rangeOf(bar);
    emit barClicked(low, high);
}

bool DistributionPlot::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int bar = barAt(help->pos());
    if (bar < 0) {
        QToolTip::hideText();
        return true;
    }
    const auto [low, high] = rangeOf(bar);
    const auto number = [](double value) { return bridge::grouped(static_cast<qint64>(value)); };
    const QString range = high > 1e14 ? tr("%1 and more").arg(number(low)) : number(low) == number(high) ? number(low) : tr("%1 to %2").arg(number(low), number(high));
    QToolTip::showText(help->globalPos(), tr("%1 %2: %3 rows").arg(range, m_unit, bridge::grouped(m_bars.counts[static_cast<std::size_t>(bar)])), this);
    return true;
}

}
