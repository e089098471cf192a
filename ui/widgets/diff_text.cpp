// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/diff_text.h"

#include "style/tokens.h"

#include <QFontMetrics>
#include <QPainter>

#include <cmath>

namespace attune::widgets {
namespace {

// Of an equal stretch this much stays beside a difference.
constexpr qsizetype kContext = 28, kFirst = 44;
constexpr double kLineHeight = 1.35;

QString onOneLine(QString text)
{
    return text.replace(QLatin1String("\r\n"), QStringLiteral(" ⏎ ")).replace(QLatin1Char('\n'), QStringLiteral(" ⏎ ")).replace(QLatin1Char('\t'), QLatin1Char(' '));
}

/// An equal stretch with its middle left out; only the side towards a difference stays at the ends of the text.
QString shortened(const QString& text, bool isFirst, bool isLast)
{
    const qsizetype head = isFirst ? 0 : kContext, tail = isLast ? kContext * 8 : isFirst ? kFirst : kContext;
    if (text.size() <= head + tail + 3)
        return text;
    return isLast ? text : text.left(head) + QStringLiteral(" … ") + text.right(tail);
}

QTextCharFormat formatOf(DiffPart::Kind kind)
{
    const auto& t = style::tokens();
    QTextCharFormat format;
    switch (kind) {
    case DiffPart::Kind::Same: break;
    case DiffPart::Kind::Added:
        format.setBackground(t.addBg);
        format.setForeground(t.addText);
        break;
    case DiffPart::Kind::Removed:
        format.setBackground(t.delBg);
        format.setForeground(t.delText);
        format.setFontStrikeOut(true);
        break;
    case DiffPart::Kind::Changed:
        format.setBackground(t.chgBg);
        format.setForeground(t.chgText);
        break;
    }
    return format;
}

/// Lays the text out in lines of a width; returns its height.
qreal layOut(QTextLayout& layout, int width)
{
    qreal y = 0;
    layout.beginLayout();
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        line.setLineWidth(width);
        line.setPosition({0, y + line.height() * (kLineHeight - 1) / 2});
        y += line.height() * kLineHeight;
    }
    layout.endLayout();
    return y;
}

void prepare(QTextLayout& layout, const DiffText& text, const QFont& font, const QString& shown, bool isWrapped)
{
    layout.setText(shown);
    layout.setFont(font);
    QTextOption option;
    option.setWrapMode(isWrapped ? QTextOption::WrapAtWordBoundaryOrAnywhere : QTextOption::NoWrap);
    layout.setTextOption(option);
    QList<QTextLayout::FormatRange> formats;
    for (auto range : text.formats)
        if (range.start < shown.size()) {
            range.length = std::min<int>(range.length, static_cast<int>(shown.size()) - range.start);
            formats.append(range);
        }
    layout.setFormats(formats);
}

/// Line ends of a text as a layout knows them.
QString lines(QString text)
{
    return text.replace(QLatin1String("\r\n"), QStringLiteral("\n")).replace(QLatin1Char('\n'), QChar::LineSeparator);
}

}

DiffText styledDiff(const QList<DiffPart>& parts, bool isOneLine)
{
    DiffText out;
    for (qsizetype i = 0; i < parts.size(); ++i) {
        QString text = isOneLine ? onOneLine(parts[i].text) : lines(parts[i].text);
        if (isOneLine && parts[i].kind == DiffPart::Kind::Same && parts.size() > 1)
            text = shortened(text, i == 0, i == parts.size() - 1);
        if (parts[i].kind != DiffPart::Kind::Same)
            out.formats.append({static_cast<int>(out.text.size()), static_cast<int>(text.size()), formatOf(parts[i].kind)});
        out.text += text;
    }
    return out;
}

DiffText plainText(const QString& text, bool isOneLine)
{
    return {isOneLine ? onOneLine(text) : lines(text), {}};
}

int heightOf(const DiffText& text, const QFont& font, int width)
{
    QTextLayout layout;
    prepare(layout, text, font, text.text, true);
    return static_cast<int>(std::ceil(layOut(layout, width)));
}

void paintDiff(QPainter* painter, const QRect& rect, const DiffText& text, const QFont& font, const QColor& colour, bool isWrapped)
{
    const QString shown = isWrapped ? text.text : QFontMetrics(font).elidedText(text.text, Qt::ElideRight, rect.width());
    QTextLayout layout;
    prepare(layout, text, font, shown, isWrapped);
    const qreal height = layOut(layout, isWrapped ? rect.width() : 1 << 24);
    painter->save();
    painter->setClipRect(rect, Qt::IntersectClip);
    painter->setPen(colour);
    layout.draw(painter, QPointF(rect.x(), isWrapped ? rect.y() : rect.y() + (rect.height() - height) / 2));
    painter->restore();
}

}
