// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/token_view.h"

#include "style/control_paint.h"
#include "style/focus_repaint.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QHelpEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

namespace attune::widgets {

namespace {
constexpr int kLineHeight = 25, kMargin = 10;

/// Line ends and tabs made visible.
QString visible(QString text)
{
    return text.replace(QLatin1Char('\n'), QChar(0x23CE)).replace(QLatin1Char('\t'), QChar(0x21E5));
}
}

TokenView::TokenView(QWidget* parent)
    : QAbstractScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setAutoFillBackground(false);
    setAccessibleName(tr("Tokens of the first batch"));
    style::repaintWithFocus(this);
}

void TokenView::setTokens(const QList<ShownToken>& tokens)
{
    m_tokens = tokens;
    m_message.clear();
    layOut();
}

void TokenView::setMessage(const QString& text)
{
    m_tokens.clear();
    m_message = text;
    layOut();
}

void TokenView::setBreaksLines(bool breaksLines)
{
    m_breaksLines = breaksLines;
    layOut();
}

int TokenView::heightFor(int lines)
{
    return lines * kLineHeight + kMargin;
}

bool TokenView::viewportEvent(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QAbstractScrollArea::viewportEvent(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const QPoint at = help->pos() + QPoint(0, verticalScrollBar()->value());
    for (const auto& piece : m_pieces)
        if (piece.rect.contains(at) && !m_tokens[piece.token].tip.isEmpty()) {
            QToolTip::showText(help->globalPos(), m_tokens[piece.token].tip, viewport());
            return true;
        }
    QToolTip::hideText();
    return true;
}

void TokenView::layOut()
{
    m_pieces.clear();
    const QFontMetrics metrics(style::mono());
    int x = kMargin, y = kMargin / 2;
    const int right = viewport()->width() - kMargin;
    for (int i = 0; i < m_tokens.size(); ++i) {
        const auto& token = m_tokens[i];
        const QString text = visible(token.text);
        if (token.startsRow && i > 0)
            x += 8;
        const int w = metrics.horizontalAdvance(text) + (token.isSpecial || token.isTag ? 8 : 0);
        if (x + w > right && x > kMargin) {
            x = kMargin;
            y += kLineHeight;
        }
        m_pieces.append({QRect(x, y, w, kLineHeight), text, i});
        x += w + (token.isSpecial || token.isTag ? 2 : 0);
        if (m_breaksLines && token.text.endsWith(QLatin1Char('\n'))) {
            x = kMargin;
            y += kLineHeight;
        }
    }
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(kLineHeight);
    verticalScrollBar()->setRange(0, std::max(0, y + kLineHeight + kMargin - viewport()->height()));
    viewport()->update();
}

void TokenView::resizeEvent(QResizeEvent* event)
{
    QAbstractScrollArea::resizeEvent(event);
    layOut();
}

void TokenView::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), t.surface);
    if (hasFocus() && style::isKeyboardFocus(this))
        style::drawFocusRing(&painter, viewport()->rect(), style::kSmallRadius);
    if (m_tokens.isEmpty()) {
        painter.setFont(style::body());
        painter.setPen(t.text2);
        painter.drawText(viewport()->rect().adjusted(16, 0, -16, 0), Qt::AlignCenter | Qt::TextWordWrap, m_message);
        return;
    }
    painter.setFont(style::mono());
    const int offset = verticalScrollBar()->value();
    for (const auto& piece : m_pieces) {
        const QRect rect = piece.rect.translated(0, -offset);
        if (rect.bottom() < 0 || rect.top() > viewport()->height())
            continue;
        const auto& token = m_tokens[piece.token];
        const QRect ground(rect.x(), rect.y() + 3, rect.width(), rect.height() - 6);
        if (token.isTag)
            style::drawBox(&painter, ground, t.trained, t.accent, 3);
        else if (token.isSpecial)
            style::drawBox(&painter, ground, t.specialBg, QColor(), 3);
        else if (token.isTrained)
            painter.fillRect(ground, t.trained);
        if (token.isTrained)
            painter.fillRect(QRect(ground.x(), ground.bottom() + 1, ground.width(), 2), t.accent);
        if (token.startsRow && piece.token > 0)
            painter.fillRect(QRect(rect.x() - 6, rect.y() + 3, 2, rect.height() - 6), t.borderStrong);
        if (token.isCut)
            painter.fillRect(ground, t.delBg);
        painter.setPen(token.isCut ? t.delText : token.isTag ? t.text : token.isSpecial ? t.special : token.isTrained ? t.text : t.masked);
        painter.drawText(rect, token.isSpecial || token.isTag ? Qt::AlignCenter : static_cast<int>(Qt::AlignVCenter | Qt::AlignLeft), piece.text);
    }
}

}
