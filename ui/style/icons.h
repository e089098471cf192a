// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIcon>
#include <QPixmap>

namespace attune::style {

/// An icon of our set (resources/icons), coloured by mode from the tokens in force: text2, accent where
/// selected, textDisabled. Follows a theme switch without being made again.
QIcon icon(const QString& name);
/// One in a fixed role, for status marks and primary buttons.
enum class IconColour { Text2, Text, Accent, OnAccent, Success, Warning, Danger, Info };
QIcon icon(const QString& name, IconColour colour);
QPixmap iconPixmap(const QString& name, int size, const QColor& colour, qreal devicePixelRatio);

}
