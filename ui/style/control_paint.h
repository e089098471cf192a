// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QPainter;
class QRect;
class QStyleOption;
class QStyleOptionButton;
class QStyleOptionHeader;
class QStyleOptionProgressBar;
class QStyleOptionSlider;
class QStyleOptionTab;
class QWidget;

namespace attune::style {

/// The weight of a button: dynamic property role = primary | danger | ghost.
enum class Look { Secondary, Primary, Danger, Ghost };
Look lookOf(const QWidget* widget);
/// size = small.
bool isSmall(const QWidget* widget);
/// A tab bar that shares a narrow line with other controls.
bool isCompact(const QWidget* widget);

// The controls as visual.md §7 has them. Each paints what its option says, with the tokens of the theme in force.
void drawFocusRing(QPainter* painter, const QRect& rect, double radius);
/// Whether one moves about by the Tab key, so that what has the focus shows it.
bool isKeyboardFocus(const QWidget* widget);
/// The ring of what has no face of its own: check and radio buttons, icon buttons, cells of a view.
void drawKeyboardFocus(const QStyleOption* option, QPainter* painter, const QWidget* widget);
void drawButton(const QStyleOption* option, QPainter* painter, const QWidget* widget);
/// Icon and text as one centred group, 6 px apart.
void drawButtonLabel(const QStyleOptionButton* option, QPainter* painter, const QWidget* widget);
void drawField(const QStyleOption* option, QPainter* painter, const QWidget* widget);
void drawIndicator(const QStyleOption* option, QPainter* painter, bool isRound);
void drawScrollBar(const QStyleOptionSlider* option, QPainter* painter, const QRect& handle);
void drawSlider(const QStyleOptionSlider* option, QPainter* painter, const QRect& groove, const QRect& handle);
void drawTab(const QStyleOptionTab* option, QPainter* painter);
void drawHeaderSection(const QStyleOptionHeader* option, QPainter* painter);
void drawHeaderLabel(const QStyleOptionHeader* option, QPainter* painter);
void drawProgress(const QStyleOptionProgressBar* option, QPainter* painter);

}
