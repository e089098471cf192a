// SPDX-License-Identifier: GPL-3.0-or-later
#include "style/menu_style.h"

#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QPainter>

namespace attune::style {
namespace {

constexpr int kLeft = 12, kRight = 28, kMark = 16, kSeparator = 9;

bool hasMarks(const QStyleOptionMenuItem& item)
{
    return item.menuHasCheckableItems || item.maxIconWidth > 0;
}

int textStart(const QStyleOptionMenuItem& item)
{
    return kLeft + (hasMarks(item) ? kMark + kSpace2 : 0);
}

bool isChosen(const QStyleOptionMenuItem& item)
{
    return item.state & QStyle::State_Selected && item.state & QStyle::State_Enabled;
}

void drawMark(const QStyleOptionMenuItem& item, QPainter* painter, const QColor& ink)
{
    const QRect place = QStyle::visualRect(item.direction, item.rect, QRect(item.rect.x() + kLeft, item.rect.center().y() - kMark / 2 + 1, kMark, kMark));
    if (item.checkType != QStyleOptionMenuItem::NotCheckable) {
        if (item.checked)
            painter->drawPixmap(place.topLeft(), iconPixmap(QStringLiteral("check"), kMark, ink, painter->device()->devicePixelRatioF()));
    } else if (!item.icon.isNull()) {
        item.icon.paint(painter, place, Qt::AlignCenter, item.state & QStyle::State_Enabled ? QIcon::Normal : QIcon::Disabled);
    }
}

}

void drawMenuBarGround(QPainter* painter, const QRect& rect)
{
    painter->fillRect(rect, tokens().window);
    drawHairline(painter, rect.bottomLeft(), rect.bottomRight(), tokens().border);
}

void drawMenuBarItem(const QStyleOptionMenuItem& item, QPainter* painter)
{
    drawMenuBarGround(painter, item.rect);
    if (isChosen(item))
        drawBox(painter, item.rect.adjusted(0, 0, 0, -1), tokens().hover, QColor(), kRadius);
    painter->setPen(item.state & QStyle::State_Enabled ? tokens().text : tokens().textDisabled);
    painter->drawText(item.rect.adjusted(0, 0, 0, -1), Qt::AlignCenter | Qt::TextShowMnemonic | Qt::TextSingleLine, item.text);
}

/// The last pixel is the line below the bar.
QSize menuBarItemSize(const QSize& text)
{
    return {text.width() + 2 * kSpace2, text.height() + 13};
}

void drawMenuPanel(QPainter* painter, const QRect& rect)
{
    painter->fillRect(rect, tokens().raised);
    painter->setPen(tokens().borderStrong);
    painter->drawRect(rect.adjusted(0, 0, -1, -1));
}

void drawMenuItem(const QStyleOptionMenuItem& item, QPainter* painter)
{
    const Tokens& t = tokens();
    if (item.menuItemType == QStyleOptionMenuItem::Separator) {
        painter->fillRect(QRect(item.rect.x(), item.rect.y() + kMenuMargin, item.rect.width(), 1), t.border);
        return;
    }
    if (isChosen(item))
        painter->fillRect(item.rect, t.selection);
    const bool isEnabled = item.state & QStyle::State_Enabled;
    const QColor ink = isEnabled ? t.text : t.textDisabled;
    painter->save();
    painter->setFont(item.font);
    drawMark(item, painter, ink);
    const QString text = item.text.section(QLatin1Char('\t'), 0, 0), key = item.text.section(QLatin1Char('\t'), 1);
    const QRect room = item.rect.adjusted(textStart(item), 0, -kLeft, 0);
    const auto at = [&](const QRect& rect) { return QStyle::visualRect(item.direction, item.rect, rect); };
    const auto lead = static_cast<int>(QStyle::visualAlignment(item.direction, Qt::AlignLeft) | Qt::AlignVCenter);
    painter->setPen(ink);
    painter->drawText(at(room), lead | Qt::TextShowMnemonic | Qt::TextSingleLine, text);
    if (!key.isEmpty()) {
        painter->setPen(isEnabled ? t.text2 : t.textDisabled);
        painter->drawText(at(room), static_cast<int>(QStyle::visualAlignment(item.direction, Qt::AlignRight) | Qt::AlignVCenter) | Qt::TextSingleLine, key);
    }
    if (item.menuItemType == QStyleOptionMenuItem::SubMenu) {
        painter->drawPixmap(at(QRect(item.rect.right() - 20, item.rect.center().y() - 5, 12, 12)).topLeft(), iconPixmap(QStringLiteral("right"), 12, isEnabled ? t.text2 : t.textDisabled, painter->device()->devicePixelRatioF()));
    }
    painter->restore();
}

/// Qt adds the widest shortcut to the width by itself.
QSize menuItemSize(const QStyleOptionMenuItem& item, const QSize& text)
{
    if (item.menuItemType == QStyleOptionMenuItem::Separator)
        return {text.width(), kSeparator};
    return {textStart(item) + text.width() + kRight, std::max(text.height() + 10, hasMarks(item) ? kMark + kSpace2 : 0)};
}

}
