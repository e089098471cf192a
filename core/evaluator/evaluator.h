// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "evaluator/metric.h"
#include "model/causal_lm.h"
#include "tokenizer/shard.h"

#include <span>

namespace attune::evaluator {

/// Loss of a model over some rows of a shard, in batches of about tokensPerBatch, without gradients; the
/// host waits once, at the end. The model is left in evaluation mode. Errors: Cancelled.
/// Owner's thread of the model only.
Result<Totals> totalsOver(model::CausalLm& model, const tokenizer::TokenShard& shard, std::span<const std::int64_t> rows,
    std::int64_t tokensPerBatch, const JobContext& context);

}
