// SPDX-License-Identifier: GPL-3.0-or-later
// What stands over the curves: limits, best, alerts, crosshair and read-out; see curve_panel.h.
#include "plots/curve_overlay.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace attune::plots {

using style::tokens;

namespace {

constexpr int kMostRows = 8;

QString valueText(double value)
{
    if (!std::isfinite(value))
        return CurvePanel::tr("not a number");
    if (value != 0 && std::abs(value) < 1e-3)
        return bridge::scientific(value);
    return std::abs(value) >= 1e4 ? bridge::grouped(qRound64(value)) : bridge::decimal(value, std::abs(value) >= 100 ? 1 : 3);
}

/// The point of a curve that is nearest to x.
qsizetype nearest(const Points& points, double x)
{
    const auto it = std::lower_bound(points.x.begin(), points.x.end(), x);
    auto i = std::min<qsizetype>(it - points.x.begin(), points.size() - 1);
    if (i > 0 && std::abs(points.x[i - 1] - x) < std::abs(points.x[i] - x))
        --i;
    return i;
}

void triangle(QPainter& painter, QPointF tip, double size, bool isUp)
{
    const double dy = isUp ? size : -size;
    painter.drawPolygon(QPolygonF {tip, {tip.x() - size * 0.7, tip.y() + dy}, {tip.x() + size * 0.7, tip.y() + dy}});
}

}

QString CurvePanel::placeText(double x) const
{
    const QString place = m_axisText ? m_axisText(x) : bridge::grouped(qRound64(x));
    const QString note = m_note ? m_note(x) : QString();
    return QStringLiteral("%1 %2").arg(m_axisName, place) + (note.isEmpty() ? QString() : QStringLiteral(", ") + note);
}

/// Where a run ends, by the longest of its curves.
double CurvePanel::endOf(const Curve& curve) const
{
    double end = 0;
    for (const auto& other : m_curves)
        if (other.colour == curve.colour && (!m_paired || other.name == curve.name) && other.points.size() > 0)
            end = std::max(end, other.points.x.last());
    return end;
}

/// Whether a curve says something at a place: a shorter run says nothing behind its end.
bool CurvePanel::reaches(const Curve& curve, double at) const
{
    const double slack = 0.005 * m_plot->xAxis->range().size();
    return curve.points.size() > 0 && (std::isinf(at) || at <= endOf(curve) + slack);
}

/// A row a curve, at its point nearest to `at`, which may be the end of all; place becomes where that is on the x axis.
QList<CurvePanel::ReadOutRow> CurvePanel::readOutRows(double at, double& place) const
{
    double end = 0;
    for (const auto& curve : m_curves)
        end = std::max(end, endOf(curve));
    place = std::min(at, end);
    if (!std::isinf(at))
        at = place;  // the axis goes on a little
    if (m_paired)
        return pairedRows(at);
    QList<ReadOutRow> rows;
    for (qsizetype c = 0; c < m_curves.size(); ++c) {
        const auto& curve = m_curves[c];
        if (!reaches(curve, at))
            continue;
        const auto i = nearest(curve.points, at);
        if (!curve.isEval)
            place = curve.points.x[i];
        const bool smooths = c < m_smoothed.size() && !m_smoothed[c].isEmpty();
        rows.append({curve.name, curve.colour, curve.isEval, smooths ? valueText(m_smoothed[c][i]) : QString(), valueText(curve.points.y[i])});
    }
    return rows;
}

/// The same for runs side by side: the smoothed training value and the evaluation, a line a run.
QList<CurvePanel::ReadOutRow> CurvePanel::pairedRows(double at) const
{
    QList<ReadOutRow> rows;
    for (qsizetype c = 0; c < m_curves.size(); ++c) {
        const auto& curve = m_curves[c];
        if (!reaches(curve, at))
            continue;
        const auto i = nearest(curve.points, at);
        const bool smooths = c < m_smoothed.size() && !m_smoothed[c].isEmpty();
        const QString value = valueText(smooths ? m_smoothed[c][i] : curve.points.y[i]);
        auto row = std::find_if(rows.begin(), rows.end(), [&](const ReadOutRow& r) { return r.name == curve.name; });
        if (row == rows.end()) {
            rows.append({curve.name, curve.colour, false, QStringLiteral("–"), QStringLiteral("–")});
            row = rows.end() - 1;
        }
        (curve.isEval ? row->raw : row->smoothed) = value;
    }
    return rows;
}

QString CurvePanel::readOut() const
{
    double place = 0;
    const auto rows = readOutRows(readAt().value_or(std::numeric_limits<double>::infinity()), place);
    QStringList lines {placeText(place)};
    for (const auto& row : rows)
        lines.append(row.smoothed.isEmpty() ? tr("%1 %2").arg(row.name, row.raw) : tr("%1 smoothed %2, raw %3").arg(row.name, row.smoothed, row.raw));
    return lines.join(QLatin1Char('\n'));
}

void CurvePanel::paintMarks(QPainter& painter, const QRect& area)
{
    const auto& t = tokens();
    const auto pixel = [this](double x) { return static_cast<int>(m_plot->xAxis->coordToPixel(x)); };
    painter.setPen(QPen(t.danger, 2));
    for (const double x : m_broken)
        painter.drawLine(pixel(x), area.bottom() - 6, pixel(x), area.bottom());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(t.text2);
    int last = -100;
    for (const double x : m_clipped) {
        if (pixel(x) - last < 7)
            continue;
        last = pixel(x);
        triangle(painter, {static_cast<double>(last), area.top() + 1.0}, 5, true);
    }
    painter.setBrush(t.warning);
    for (const auto& marker : m_markers)
        if (m_plot->xAxis->range().contains(marker.x))
            triangle(painter, {static_cast<double>(pixel(marker.x)), area.top() + 40.0}, 8, false);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setBrush(Qt::NoBrush);
}

void CurvePanel::paintOverlay(QPainter& painter)
{
    const auto& t = tokens();
    const QRect area = m_plot->axisRect()->rect();
    if (std::none_of(m_curves.begin(), m_curves.end(), [](const Curve& curve) { return curve.points.size() > 0; })) {
        painter.setFont(style::body());
        painter.setPen(t.text2);
        painter.drawText(area.adjusted(12, 0, -12, 0), Qt::AlignCenter | Qt::TextWordWrap, m_empty);
        return;
    }
    painter.setFont(style::caption());
    painter.setPen(t.text2);
    const int nameWidth = painter.fontMetrics().horizontalAdvance(m_axisName);
    const QRect nameRect(area.right() + 8 - nameWidth, area.bottom() + 8, nameWidth, painter.fontMetrics().height());
    painter.drawText(nameRect, Qt::AlignRight | Qt::AlignVCenter, m_axisName);
    if (m_threshold && m_plot->yAxis->range().contains(*m_threshold)) {
        const int y = static_cast<int>(m_plot->yAxis->coordToPixel(*m_threshold));
        QPen pen(m_isLimit ? t.warning : t.text2, 1);
        pen.setDashPattern({4, 3});
        painter.setPen(pen);
        painter.drawLine(area.left(), y, area.right(), y);
        painter.setPen(t.text2);
        painter.drawText(QRect(area.left(), y + 1, area.width() - 4, 16), Qt::AlignRight, m_thresholdWords);
    }
    paintMarks(painter, area);
    if (m_best && m_plot->xAxis->range().contains(*m_best))
        paintBest(painter, area);
    if (m_pressed && m_dragged && !m_isMoving) {
        QColor band = t.accent;
        band.setAlpha(50);
        painter.fillRect(QRect(QPoint(std::min(*m_pressed, *m_dragged), area.top()), QPoint(std::max(*m_pressed, *m_dragged), area.bottom())), band);
    }
    for (const auto& line : {m_pinned, m_cross}) {
        if (!line || !m_plot->xAxis->range().contains(*line))
            continue;
        const int x = static_cast<int>(m_plot->xAxis->coordToPixel(*line));
        painter.setPen(QPen(line == m_pinned ? t.accent : t.text2, 1));
        painter.drawLine(x, area.top(), x, area.bottom());
    }
    if (const auto at = readAt(); at && m_plot->xAxis->range().contains(*at))
        paintReadOut(painter, area, static_cast<int>(m_plot->xAxis->coordToPixel(*at)));
}

/// Words over the evaluation that was best, on the ground of the chart so that the trace behind them does not cross them.
void CurvePanel::paintBest(QPainter& painter, const QRect& area)
{
    const auto& t = tokens();
    constexpr int kLine = 12, kText = 16;
    const int x = static_cast<int>(m_plot->xAxis->coordToPixel(*m_best));
    int y = area.top() + kText + kLine + 8;
    for (const auto& curve : m_curves)
        if (curve.isEval && curve.points.size() > 0)
            y = static_cast<int>(m_plot->yAxis->coordToPixel(curve.points.y[nearest(curve.points, *m_best)]));
    const int w = painter.fontMetrics().horizontalAdvance(m_bestWords) + 8;
    const int bottom = std::max(area.top() + kText + kLine, y - 5);
    const QRect words(std::clamp(x - w / 2, area.left(), area.right() - w), bottom - kLine - kText, w, kText);
    painter.fillRect(words, t.surface);
    painter.setPen(t.text);
    painter.drawText(words, Qt::AlignCenter, m_bestWords);
    painter.setPen(QPen(t.text2, 1));
    painter.drawLine(x, bottom - kLine, x, bottom);
}

/// Swatch, name, smoothed and raw, columns aligned, kept away from the crosshair's line.
void CurvePanel::paintReadOut(QPainter& painter, const QRect& area, int x)
{
    const auto& t = tokens();
    double place = 0;
    const auto all = readOutRows(*readAt(), place);
    const auto shown = std::min<qsizetype>(all.size(), kMostRows);
    if (all.isEmpty() || area.height() < 90)
        return;
    const QFont nameFont = style::caption(), valueFont = style::monoCaption();
    const QFontMetrics names(nameFont), values(valueFont);
    const bool smooths = std::any_of(all.begin(), all.end(), [](const auto& row) { return !row.smoothed.isEmpty(); });
    const QString smoothedHead = m_paired ? tr("train") : tr("smoothed"), rawHead = m_paired ? tr("eval") : tr("raw");
    int name = 0, first = smooths ? names.horizontalAdvance(smoothedHead) : 0, second = smooths ? names.horizontalAdvance(rawHead) : 0;
    for (qsizetype i = 0; i < shown; ++i) {
        name = std::max(name, names.horizontalAdvance(all[i].name));
        first = std::max(first, values.horizontalAdvance(all[i].smoothed));
        second = std::max(second, values.horizontalAdvance(all[i].raw));
    }
    const QString head = placeText(place);
    const int columns = (smooths ? first + 12 : 0) + second;
    const int headWidth = names.horizontalAdvance(head) + (smooths ? columns + 24 : 0);
    const int w = 12 + std::max(22 + name + 14 + columns, headWidth) + 10;
    const int h = 24 + 17 * static_cast<int>(shown + (all.size() > shown ? 1 : 0)) + 4;
    const bool leftSide = x > area.center().x();
    const QRect box(leftSide ? std::max(area.left(), x - w - 12) : std::min(area.right() - w, x + 12), area.top() + 6, w, h);
    style::drawBox(&painter, box, t.raised, t.borderStrong, style::kRadius);
    const int rightEdge = box.right() - 9, firstEdge = rightEdge - second - 12;
    painter.setFont(nameFont);
    painter.setPen(t.text2);
    painter.drawText(QRect(box.x() + 10, box.y() + 4, w, 18), Qt::AlignVCenter | Qt::AlignLeft, head);
    if (smooths) {
        painter.drawText(QRect(box.x(), box.y() + 4, firstEdge - box.x(), 18), Qt::AlignVCenter | Qt::AlignRight, smoothedHead);
        painter.drawText(QRect(box.x(), box.y() + 4, rightEdge - box.x(), 18), Qt::AlignVCenter | Qt::AlignRight, rawHead);
    }
    int y = box.y() + 23;
    for (qsizetype i = 0; i < shown; ++i, y += 17) {
        QPen pen(t.run(all[i].colour), 2);
        if (all[i].isEval)
            pen.setDashPattern({2.0, 1.2});
        painter.setPen(pen);
        painter.drawLine(box.x() + 10, y + 8, box.x() + 23, y + 8);
        if (!all[i].isEval && hasSeveralRuns())
            style::drawRunMark(&painter, {box.x() + 17.0, y + 8.0}, all[i].colour);
        painter.setFont(nameFont);
        painter.setPen(t.text);
        painter.drawText(QRect(box.x() + 31, y, name + 4, 17), Qt::AlignVCenter, all[i].name);
        painter.setFont(valueFont);
        if (smooths)
            painter.drawText(QRect(box.x(), y, firstEdge - box.x(), 17), Qt::AlignVCenter | Qt::AlignRight, all[i].smoothed.isEmpty() ? QStringLiteral("–") : all[i].smoothed);
        painter.drawText(QRect(box.x(), y, rightEdge - box.x(), 17), Qt::AlignVCenter | Qt::AlignRight, all[i].raw);
    }
    if (all.size() > shown) {
        painter.setFont(nameFont);
        painter.setPen(t.text2);
        painter.drawText(QRect(box.x() + 31, y, w, 17), Qt::AlignVCenter, tr("+%1 more").arg(all.size() - shown));
    }
}

}
