// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/task_head.h"
#include "model/causal_lm.h"
#include "pipeline/engine.h"

namespace attune::engine {

/// The model that a request names, with its adapter on it, for answering and evaluating. Sets the
/// process's threads when the request names a number. Errors: those of loadModel and loadAdapter.
/// needsNetwork: also where the fast decoder would do.
Result<std::unique_ptr<model::CausalLm>> loadForUse(const pipeline::ModelWithAdapter& request, const JobContext& context, bool needsNetwork = false);

/// The head of labels of the adapter, else of the model; none where it writes text. Errors: FileCorrupt.
Result<families::TaskHead> headOf(const pipeline::ModelWithAdapter& request);

}
