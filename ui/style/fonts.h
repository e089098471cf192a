// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>

namespace attune::style {

/// Adds Inter and Attune Mono from the resources and makes Inter the application's font, at the
/// system's size. Call once, after QApplication. useSystem: keep the system's families.
void loadFonts(bool useSystem = false);

enum class Weight { Regular, Medium, SemiBold };

/// Three sizes on a page: caption 0.9, body 1.0, title 1.3 times the system's size.
QFont body(Weight weight = Weight::Regular);
QFont caption(Weight weight = Weight::Regular);
QFont title();
/// Monospaced without ligatures, for digits in columns, ids, tokens and commands.
QFont mono(Weight weight = Weight::Regular);
QFont monoCaption(Weight weight = Weight::Regular);

}
