// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/recipe.h"
#include "shell/page.h"
#include "store/store.h"

#include <vector>

namespace attune::pages {

/// Starts a recipe on a job thread of this window and opens the run's page once it has an id.
void startRunHere(shell::Context& context, const pipeline::Recipe& recipe, QObject* receiver);
/// Continues a run from its newest checkpoint on a job thread of this window.
void resumeRunHere(shell::Context& context, const QString& run, QObject* receiver);

/// Whether a run waits for a decision: it failed or was cut off, and no later run took its name. runs: newest first.
bool needsAttention(const store::RunRow& run, const std::vector<store::RunRow>& runs);

}
