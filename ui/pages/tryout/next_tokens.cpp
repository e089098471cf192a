// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/tryout/next_tokens.h"

#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QPainter>

namespace attune::pages {

namespace {
constexpr int kRow = 23, kTop = 62;
constexpr int kRows = 5;
}

NextTokens::NextTokens(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("next-tokens"));
    setAccessibleName(tr("Next token"));
    setMessage(tr("Click a word of an answer: what else could have come there?"));
    setFixedHeight(sizeHint().height());
}

QSize NextTokens::sizeHint() const
{
    return {200, style::scaled(kTop + kRows * kRow)};
}

void NextTokens::setMessage(const QString& text)
{
    m_message = text;
    m_rows.clear();
    setAccessibleDescription(text);
    update();
}

void NextTokens::setRows(const QString& after, const QList<Row>& rows, int colour, bool hasBase)
{
    m_after = after.simplified();
    m_rows = rows.mid(0, kRows);
    m_colour = colour;
    m_hasBase = hasBase;
    QStringList words;
    for (const auto& row : m_rows)
        words.append(tr("%1 %2 %").arg(row.token).arg(qRound(100 * std::max(0.0, row.tuned))));
    setAccessibleDescription(words.join(QStringLiteral(", ")));
    update();
}

void NextTokens::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    const style::Reading reading {rect(), layoutDirection()};
    painter.setFont(style::body(style::Weight::SemiBold));
    painter.setPen(t.text);
    reading.draw(painter, {0, 0, width(), 20}, tr("Next token"));
    painter.setFont(style::caption());
    painter.setPen(t.text2);
    if (m_rows.isEmpty()) {
        painter.drawText(QRect(0, 22, width(), height() - 22), (style::textFlags(m_message, layoutDirection()) & ~Qt::AlignVCenter) | Qt::TextWordWrap, m_message);
        return;
    }
    const QString after = m_after.isEmpty() ? tr("at the beginning of the answer") : tr("after “%1”").arg(m_after.size() > 28 ? QStringLiteral("…") + m_after.right(27) : m_after);
    reading.draw(painter, {0, 21, width(), 18}, painter.fontMetrics().elidedText(after, Qt::ElideLeft, width()));
    const int bars = width() * 36 / 100, full = width() - bars - 50;
    int x = bars;
    for (const bool isBase : {true, false}) {
        if (isBase && !m_hasBase)
            continue;
        style::drawBox(&painter, reading.at({x, 48, 14, 4}), isBase ? t.text2 : t.run(m_colour), QColor(), 1);
        const QString word = isBase ? tr("base") : tr("tuned");
        reading.draw(painter, {x + 18, 41, 80, 18}, word);
        x += 26 + painter.fontMetrics().horizontalAdvance(word);
    }
    for (int i = 0; i < m_rows.size(); ++i) {
        const auto& row = m_rows[i];
        const int y = kTop + i * kRow;
        painter.setFont(style::monoCaption());
        painter.setPen(t.text);
        const QString shown = row.token.trimmed().isEmpty() ? (row.token.contains(QLatin1Char('\n')) ? QStringLiteral("⏎") : QStringLiteral("␣")) : row.token.trimmed();
        reading.draw(painter, {0, y, bars - 8, kRow}, painter.fontMetrics().elidedText(shown, Qt::ElideRight, bars - 8));
        if (m_hasBase && row.base >= 0)
            painter.fillRect(reading.at({bars, y + 5, std::max(2, static_cast<int>(full * row.base)), 6}), t.text2);
        if (row.tuned >= 0)
            painter.fillRect(reading.at({bars, y + (m_hasBase ? 12 : 8), std::max(2, static_cast<int>(full * row.tuned)), 6}), t.run(m_colour));
        reading.draw(painter, {0, y, width(), kRow}, row.tuned < 0 ? QStringLiteral("–") : row.tuned < 0.005 ? tr("< 1 %") : tr("%1 %").arg(qRound(100 * row.tuned)), Qt::AlignRight);
    }
}

}
