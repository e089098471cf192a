// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shell/page.h"

namespace attune::pages {

shell::Page* makeHome(shell::Context& context);
shell::Page* makeDatasets(shell::Context& context);
shell::Page* makeModels(shell::Context& context);
shell::Page* makeTrain(shell::Context& context);
shell::Page* makeRuns(shell::Context& context);
shell::Page* makeTryOut(shell::Context& context);
shell::Page* makeExport(shell::Context& context);
shell::Page* makeActivity(shell::Context& context);
shell::Page* makeSettings(shell::Context& context);

}
