// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/error.h"

#include <QString>

namespace attune::pages {

/// What to do about an error, in the window's words where core's name a flag of the command line.
QString adviceOf(const Error& error);

/// What failed, and what to do about it.
QString sentencesOf(const Error& error);

}
