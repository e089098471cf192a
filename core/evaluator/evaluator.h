// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "evaluator/metric.h"
#include "model/causal_lm.h"
#include "tokenizer/shard.h"

#include <functional>
#include <span>

namespace attune::evaluator {

/// How an objective other than next-token prediction reads rows and judges a model.
struct Judge {
    std::function<void(model::PackedBatch& batch, std::int64_t row)> addRow;
    /// Adds loss, targets and what metrics read to the totals; no gradients are recorded.
    std::function<void(const model::PackedBatch& batch, Totals& totals)> measure;
};

/// Loss of a model over some rows of a shard, in batches of about tokensPerBatch, without gradients; the
/// host waits once, at the end. The model is left in evaluation mode. Errors: Cancelled.
/// Owner's thread of the model only.
Result<Totals> totalsOver(model::CausalLm& model, const tokenizer::TokenShard& shard, std::span<const std::int64_t> rows,
    std::int64_t tokensPerBatch, const JobContext& context, const Judge* judge = nullptr);

}
