// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/opened_version.h"
#include "shell/page.h"

namespace attune::pages {

/// Opens the dialog that writes the version's rows into a file.
void showExport(shell::Context& context, const OpenedPtr& opened, QWidget* parent);

}
