// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPlainTextEdit>

namespace attune::widgets {

/// A read-only text in the mono face, for logs, recipes and commands.
QPlainTextEdit* textView();

}
