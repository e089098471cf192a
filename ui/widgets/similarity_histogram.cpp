// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/similarity_histogram.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "style/tokens.h"

#include <QFontMetrics>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace attune::widgets {

SimilarityHistogram::SimilarityHistogram(QWidget* parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(tr("Pairs by similarity"));
}

QSize SimilarityHistogram::sizeHint() const
{
    return {300, style::scaled(50) + QFontMetrics(style::monoCaption()).height() + 4};
}

void SimilarityHistogram::setPairs(double from, const std::vector<std::int64_t>& counts)
{
    m_from = from;
    m_counts = counts;
    QStringList words;
    for (std::size_t i = 0; i < counts.size(); ++i)
        if (counts[i] > 0)
            words.append(QStringLiteral("%1: %2").arg(bridge::decimal(from + (1 - from) * static_cast<double>(i) / static_cast<double>(counts.size()), 2)).arg(counts[i]));
    setAccessibleDescription(words.join(QStringLiteral(", ")));
    update();
}

void SimilarityHistogram::setThreshold(double threshold)
{
    m_threshold = threshold;
    update();
}

void SimilarityHistogram::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    const QFontMetrics metrics(style::monoCaption());
    const int bottom = height() - metrics.height() - 4, top = 6;
    const auto xOf = [&](double similarity) { return (similarity - m_from) / std::max(1e-9, 1 - m_from) * (width() - 1); };
    // Roots: a few hundred pairs beside tens of thousands of equal rows stay in sight.
    double most = 1;
    for (const auto count : m_counts)
        most = std::max(most, std::sqrt(static_cast<double>(count)));
    const auto bars = static_cast<int>(m_counts.size());
    for (int i = 0; i < bars; ++i) {
        if (m_counts[static_cast<std::size_t>(i)] == 0)
            continue;
        const int left = width() * i / bars, right = width() * (i + 1) / bars - 1;
        const int high = std::max(1, static_cast<int>(std::sqrt(static_cast<double>(m_counts[static_cast<std::size_t>(i)])) / most * (bottom - top - 4)));
        const double middle = m_from + (1 - m_from) * (i + 0.5) / bars;
        painter.fillRect(QRect(left, bottom - high, right - left, high), middle >= m_threshold ? t.histogram : t.borderStrong);
    }
    painter.fillRect(QRect(0, bottom, width(), 1), t.borderStrong);
    if (!m_counts.empty() && m_threshold >= m_from)
        painter.fillRect(QRectF(std::floor(xOf(m_threshold)) - 1, top - 6, 2, bottom - top + 6), t.text);
    painter.setFont(style::monoCaption());
    painter.setPen(t.text2);
    for (int i = 0; i <= 3; ++i) {
        const double value = m_from + (1 - m_from) * i / 3;
        const QString text = bridge::decimal(value, 2);
        const int wide = metrics.horizontalAdvance(text);
        const int x = std::clamp(static_cast<int>(xOf(value)) - wide / 2, 0, width() - wide);
        painter.drawText(x, height() - metrics.descent(), text);
    }
}

}
