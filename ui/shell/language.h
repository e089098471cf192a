// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

class QCoreApplication;

namespace attune::shell {

/// Puts a language in force. "" or "en": English with right plural forms. "pseudo": every text in brackets, with accents and
/// two fifths longer, to find what is not translated and what has no room. "rtl": the same, from right to left.
void applyLanguage(const QString& name);

}
