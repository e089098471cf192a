// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/recipe.h"
#include "shell/page.h"

namespace attune::pages {

/// Starts a recipe on a job thread of this window and opens the run's page once it has an id.
void startRunHere(shell::Context& context, const pipeline::Recipe& recipe, QObject* receiver);
/// Continues a run from its newest checkpoint on a job thread of this window.
void resumeRunHere(shell::Context& context, const QString& run, QObject* receiver);

}
