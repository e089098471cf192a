// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <string>

namespace attune::shell {

/// Versions, what the computer can do and the end of the program's log, with the home folder and the user's name left out.
/// Blocks up to seconds: any thread but the window's.
QString diagnostics(const std::string& workspace);

}
