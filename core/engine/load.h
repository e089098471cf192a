// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/causal_lm.h"
#include "pipeline/engine.h"

namespace attune::engine {

/// The model that a request names, with its adapter on it, for answering and evaluating. Sets the
/// process's threads when the request names a number. Errors: those of loadModel and loadAdapter.
Result<std::unique_ptr<model::CausalLm>> loadForUse(const pipeline::ModelWithAdapter& request, const JobContext& context);

}
