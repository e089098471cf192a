// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/rate_plot.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QPainter>
#include <QPainterPath>

#include <cmath>

namespace attune::plots {

namespace {
constexpr int kLeft = 44, kBottom = 18, kTop = 6, kMostTicks = 5;

/// 1, 2 or 5 times a power of ten, so that at most kMostTicks parts cover all of it.
qint64 tickStep(qint64 steps)
{
    qint64 decade = 1;
    while (true) {
        for (const int factor : {1, 2, 5})
            if (decade * factor * kMostTicks >= steps)
                return decade * factor;
        decade *= 10;
    }
}
}

RatePlot::RatePlot(QWidget* parent)
    : QWidget(parent)
{
    setFixedHeight(sizeHint().height());
}

QSize RatePlot::sizeHint() const
{
    return {200, kTop + 42 + kBottom + QFontMetrics(style::monoCaption()).height() / 2};
}

void RatePlot::setRates(const QList<double>& rates, qint64 steps)
{
    m_rates = rates;
    m_steps = steps;
    m_message.clear();
    double top = 0;
    for (const double rate : rates)
        top = std::max(top, rate);
    setAccessibleName(tr("Learning rate over %1 steps, at most %2").arg(bridge::grouped(steps), bridge::scientific(top)));
    update();
}

void RatePlot::setMessage(const QString& message)
{
    m_rates.clear();
    m_message = message;
    setAccessibleName(message);
    update();
}

void RatePlot::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    if (m_rates.size() < 2) {
        painter.setFont(style::caption());
        painter.setPen(t.text2);
        painter.drawText(rect(), Qt::AlignVCenter | Qt::TextWordWrap, m_message);
        return;
    }
    painter.setLayoutDirection(Qt::LeftToRight);  // the axes, also where the page is mirrored
    const QRect area(kLeft, kTop, width() - kLeft - 6, height() - kTop - kBottom);
    const double top = std::max(1e-12, *std::max_element(m_rates.begin(), m_rates.end()));
    painter.setFont(style::monoCaption());
    for (int i = 0; i <= 2; ++i) {
        const int y = area.bottom() - area.height() * i / 2;
        style::drawHairline(&painter, {area.left(), y}, {area.right(), y}, i == 0 ? t.borderStrong : t.border);
        painter.setPen(t.text2);
        painter.drawText(QRect(0, y - 9, kLeft - 6, 18), Qt::AlignRight | Qt::AlignVCenter, i == 0 ? QStringLiteral("0") : bridge::scientific(top * i / 2));
    }
    style::drawHairline(&painter, area.topLeft(), area.bottomLeft(), t.borderStrong);
    const qint64 step = tickStep(m_steps);
    for (qint64 at = 0; at <= m_steps; at += step) {
        const int x = area.left() + static_cast<int>(static_cast<double>(at) / static_cast<double>(m_steps) * area.width());
        const QRect place(x - 40, area.bottom() + 2, 80, kBottom);
        painter.drawText(place.right() > width() + 20 ? QRect(width() - 80, place.y(), 80, kBottom) : place, (place.right() > width() + 20 ? Qt::AlignRight : Qt::AlignHCenter) | Qt::AlignVCenter, bridge::grouped(at));
    }
    QPainterPath path;
    for (qsizetype i = 0; i < m_rates.size(); ++i) {
        const QPointF at(area.left() + static_cast<double>(i) / static_cast<double>(m_rates.size() - 1) * area.width(), area.bottom() - m_rates[i] / top * area.height());
        i == 0 ? path.moveTo(at) : path.lineTo(at);
    }
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(t.accent, 1.6));
    painter.drawPath(path);
}

}
