// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/progress_header.h"

#include "style/fonts.h"
#include "style/icons.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QPainter>
#include <QStyle>

#include <algorithm>

namespace attune::widgets {

ProgressHeader::ProgressHeader(QWidget* parent)
    : QWidget(parent)
{
    setFixedHeight(50);
}

void ProgressHeader::setProgress(double share)
{
    m_share = std::clamp(share, 0.0, 1.0);
    update();
}

void ProgressHeader::setMarks(const QList<double>& checkpoints, double best)
{
    m_checkpoints = checkpoints;
    m_best = best;
    update();
}

void ProgressHeader::setFacts(const QList<QPair<QString, QString>>& facts)
{
    m_facts = facts;
    QStringList words;
    for (const auto& [label, value] : facts)
        words.append(label + QLatin1Char(' ') + value);
    setAccessibleDescription(words.join(QStringLiteral(", ")));
    setToolTip(accessibleDescription());
    update();
}

QSize ProgressHeader::sizeHint() const
{
    return {400, 50};
}

void ProgressHeader::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    const auto visual = [this](const QRect& r) { return QStyle::visualRect(layoutDirection(), rect(), r); };
    const QRect bar(0, 12, width(), 8);
    style::drawBox(&painter, bar, t.hover, QColor(), 3);
    if (m_share > 0)
        style::drawBox(&painter, visual(QRect(0, 12, std::max(4, static_cast<int>(width() * m_share)), 8)), t.accent, QColor(), 3);
    for (const double mark : m_checkpoints)
        if (mark < 0.999)
            painter.fillRect(visual(QRect(static_cast<int>(mark * width()), 12, 1, 8)), mark <= m_share ? t.surface : t.border);
    if (m_best >= 0)
        painter.drawPixmap(visual(QRect(std::clamp(static_cast<int>(m_best * width()) - 4, 0, width() - 12), -1, 12, 12)).topLeft(), style::iconPixmap(QStringLiteral("flag"), 12, t.text, devicePixelRatioF()));
    int x = 0;
    for (const auto& [label, value] : m_facts) {
        // In a narrow window the last ones are left out rather than cut; the tooltip has them all.
        const int needed = (label.isEmpty() ? 0 : QFontMetrics(style::caption()).horizontalAdvance(label) + 6) + QFontMetrics(style::monoCaption()).horizontalAdvance(value) + (x > 0 ? 24 : 0);
        if (x + needed > width())
            break;
        if (x > 0) {
            painter.fillRect(visual(QRect(x + 11, 30, 1, 12)), t.border);
            x += 24;
        }
        if (!label.isEmpty()) {
            painter.setFont(style::caption());
            painter.setPen(t.text2);
            painter.drawText(visual(QRect(x, 26, 400, 20)), style::textFlags(label, layoutDirection()), label);
            x += painter.fontMetrics().horizontalAdvance(label) + 6;
        }
        painter.setFont(style::monoCaption());
        painter.setPen(t.text);
        painter.drawText(visual(QRect(x, 26, 400, 20)), style::textFlags(value, layoutDirection()), value);
        x += painter.fontMetrics().horizontalAdvance(value);
    }
}

}
