// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/memory_bar.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QPainter>
#include <QStyle>

namespace attune::widgets {

namespace {
constexpr int kBar = 14, kTop = 4, kLine = 20;

QBrush brushOf(int colour)
{
    const auto& t = style::tokens();
    switch (colour) {
    case 0: return t.mem1;
    case 1: return t.mem2;
    case 2: return t.mem3;
    case 3: return t.mem4;
    default: return QBrush(t.text2, Qt::BDiagPattern);
    }
}
}

MemoryBar::MemoryBar(QWidget* parent)
    : QWidget(parent)
{
}

void MemoryBar::setParts(const QList<Part>& parts, double usableBytes)
{
    m_parts = parts;
    m_usable = usableBytes;
    updateGeometry();
    setFixedHeight(sizeHint().height());
    QStringList words;
    for (const auto& part : parts)
        words.append(tr("%1 %2 GiB").arg(part.name, bridge::gib(part.bytes)));
    setAccessibleName(words.join(QStringLiteral(", ")));
    update();
}

QSize MemoryBar::sizeHint() const
{
    const int lines = static_cast<int>((m_parts.size() + 2) / 2);
    return {200, kTop * 2 + kBar + 8 + lines * kLine};
}

void MemoryBar::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    double total = 0;
    for (const auto& part : m_parts)
        total += part.bytes;
    const double full = std::max(total, m_usable) * 1.07;
    const QRect groove(0, kTop, width(), kBar);
    painter.fillRect(groove, t.hover);
    double x = 0;
    if (full > 0) {
        for (const auto& part : m_parts) {
            const double w = part.bytes / full * width();
            if (w >= 1)
                painter.fillRect(QRectF(x, kTop, std::max(1.0, w - 1), kBar), brushOf(part.colour));
            x += w;
        }
        if (total > m_usable && m_usable > 0)
            painter.fillRect(QRectF(m_usable / full * width(), kTop, x - m_usable / full * width(), kBar), QBrush(t.danger, Qt::BDiagPattern));
        if (m_usable > 0)
            painter.fillRect(QRectF(m_usable / full * width() - 1, 0, 2, kBar + 2 * kTop), t.text);
    }
    const auto at = [this](const QRect& place) { return QStyle::visualRect(layoutDirection(), rect(), place); };
    const auto side = [this](Qt::Alignment logical) { return static_cast<int>(QStyle::visualAlignment(layoutDirection(), logical) | Qt::AlignVCenter | Qt::AlignAbsolute); };
    const int wide = width() * 57 / 100;  // the longer names stand at left
    int index = 0;
    const auto entry = [&](const QString& name, double bytes, auto mark) {
        const QRect cell(index % 2 ? wide : 0, kTop * 2 + kBar + 6 + index / 2 * kLine, (index % 2 ? width() - wide : wide - 14), kLine);
        mark(at(QRect(cell.x(), cell.center().y() - 4, 10, 10)));
        painter.setFont(style::caption());
        painter.setPen(t.text2);
        painter.drawText(at(cell.adjusted(18, 0, 0, 0)), side(Qt::AlignLeft), name);
        painter.setFont(style::monoCaption());
        painter.setPen(t.text);
        painter.drawText(at(cell), side(Qt::AlignRight), bridge::gib(bytes));
        ++index;
    };
    for (const auto& part : m_parts)
        entry(part.name, part.bytes, [&](const QRect& box) { painter.fillRect(box, brushOf(part.colour)); });
    if (m_usable > 0)
        entry(tr("Usable"), m_usable, [&](const QRect& box) { painter.fillRect(QRect(box.x() + 4, box.y() - 1, 2, 12), t.text); });
}

}
