// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/opened_version.h"
#include "shell/page.h"

namespace attune::pages {

/// Asks where to and writes the version's rows there, in a job.
void showExport(shell::Context& context, const OpenedPtr& opened, QWidget* parent);

}
