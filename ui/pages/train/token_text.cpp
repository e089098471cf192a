// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/train/token_text.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QCoreApplication>
#include <QPainter>

namespace attune::pages {

using bridge::toQString;

namespace {

QString words(const char* text)
{
    return QCoreApplication::translate("TokenText", text);
}

QString tipOf(const pipeline::TokenRowText& row, const pipeline::TokenText& token)
{
    const QString state = token.isCut ? words("cut off, not read") : token.isTrained ? words("trained") : words("read only");
    return words("Row %1 · token %2 · %3").arg(bridge::grouped(row.row + 1), bridge::grouped(token.id), state);
}

}

QList<widgets::ShownToken> shownTokens(const std::vector<pipeline::TokenRowText>& rows, std::size_t part, qsizetype limit)
{
    QList<widgets::ShownToken> result;
    for (const auto& row : rows) {
        if (part >= row.parts.size())
            continue;
        bool isFirst = true;
        for (const auto& token : row.parts[part].tokens) {
            if (result.size() >= limit)
                return result;
            result.append({toQString(token.text), token.isTrained, token.isSpecial, isFirst, token.isCut, false, tipOf(row, token)});
            isFirst = false;
        }
        if (!row.label.empty())
            result.append({QStringLiteral("→ ") + toQString(row.label), false, false, false, false, true, words("Row %1 · its label").arg(bridge::grouped(row.row + 1))});
    }
    return result;
}

std::size_t partsOf(const pipeline::TokenBatch& batch)
{
    std::size_t parts = 1;
    for (const auto& row : batch.rows)
        parts = std::max(parts, row.parts.size());
    return parts;
}

TokenLegend::TokenLegend(QWidget* parent)
    : QWidget(parent)
{
    setFixedHeight(24);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setShares(0);
}

void TokenLegend::setShares(double trained)
{
    m_trained = tr("trained %1 %").arg(bridge::decimal(100 * trained, trained < 0.095 && trained > 0 ? 1 : 0));
    m_masked = tr("read only");
    setAccessibleName(m_trained);
    setToolTip(tr("The model learns to write the tinted, underlined tokens; the grey ones are only read."));
    updateGeometry();
    update();
}

QSize TokenLegend::sizeHint() const
{
    const QFontMetrics metrics(style::caption());
    return {18 + metrics.horizontalAdvance(m_trained) + 14 + 22 + metrics.horizontalAdvance(m_masked) + 4, 24};
}

void TokenLegend::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    painter.setFont(style::caption());
    const QFontMetrics metrics(style::caption());
    const int middle = height() / 2;
    const style::Reading reading {rect(), layoutDirection()};
    painter.fillRect(reading.at({0, middle - 6, 12, 10}), t.trained);
    painter.fillRect(reading.at({0, middle + 4, 12, 2}), t.accent);
    painter.setPen(t.text2);
    int x = 18;
    reading.draw(painter, {x, 0, width() - x, height()}, m_trained);
    x += metrics.horizontalAdvance(m_trained) + 14;
    painter.setFont(style::monoCaption());
    painter.setPen(t.masked);
    reading.draw(painter, {x, 0, 20, height()}, QStringLiteral("ab"));
    painter.setFont(style::caption());
    painter.setPen(t.text2);
    reading.draw(painter, {x + 22, 0, width() - x - 22, height()}, m_masked);
}

}
