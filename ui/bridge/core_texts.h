// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

namespace attune::bridge {

/// The texts of core's tables that people read (settings, methods, presets, cleaning steps, formats, kinds of findings), each
/// once and sorted: what translated() is asked for.
QStringList coreTexts();

/// The same as a C++ source that lupdate reads, so that translators find them.
QString coreTextsSource();

}
