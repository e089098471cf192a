// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace attune::style {

enum class Theme { System, Light, Dark };

/// Puts a theme in force, live: tokens, palette, style sheet. Widgets repaint by paletteChange.
void applyTheme(Theme theme);
Theme theme();
Theme themeFromName(const QString& name);  ///< "light", "dark", else System
QString themeName(Theme theme);

}
