// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/engine.h"

namespace attune::engine {

/// Engine::train: loads model and adapter, opens the shards and runs the trainer. May throw what LibTorch throws.
Result<pipeline::RunFinished> trainRun(const pipeline::TrainRequest& request, pipeline::EventSink& sink, const JobContext& context);

/// Engine::evaluate: tokenises the rows and takes the metrics over them. May throw what LibTorch throws.
Result<pipeline::EvalReport> evaluateModel(const pipeline::EvalRequest& request, const JobContext& context);

}
