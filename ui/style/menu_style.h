// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSize>
#include <QStyleOption>

class QPainter;

namespace attune::style {

// Menu bar, menus and tooltips, as AttuneStyle paints them. A style sheet of the application would do the same in ten
// lines, but Qt then resolves the rules for a whole subtree at every change of a parent: half of the time to build a page.

constexpr int kMenuBarMargin = 7, kMenuMargin = 4;

void drawMenuBarGround(QPainter* painter, const QRect& rect);
void drawMenuBarItem(const QStyleOptionMenuItem& item, QPainter* painter);
QSize menuBarItemSize(const QSize& text);

void drawMenuPanel(QPainter* painter, const QRect& rect);
/// A row of a menu: check mark or icon, text, shortcut or the arrow of a submenu; mirrored where the menu is.
void drawMenuItem(const QStyleOptionMenuItem& item, QPainter* painter);
QSize menuItemSize(const QStyleOptionMenuItem& item, const QSize& text);

}
