// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/evaluator.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>

namespace attune::evaluator {

Result<Totals> totalsOver(model::CausalLm& model, const tokenizer::TokenShard& shard, std::span<const std::int64_t> rows,
    std::int64_t tokensPerBatch, const JobContext& context, const Judge* judge)
{
    const at::NoGradGuard noGrad;
    model.setTraining(false);
    Totals totals;
    at::Tensor sum;
    model::PackedBatch batch;
    const auto flush = [&] {
        if (batch.trained > 0 && judge) {
            judge->measure(batch, totals);
        } else if (batch.trained > 0) {
            const at::Tensor loss = model.lossSum(batch).to(at::kDouble);
            sum = sum.defined() ? sum + loss : loss;
            totals.targets += batch.trained;
        }
        batch = {};
    };
    for (const auto row : rows) {
        if (context.isCancelled())
            return fail(ErrorCode::Cancelled, "The evaluation was cancelled.");
        if (batch.tokens() > 0 && batch.tokens() + shard.length(row) > tokensPerBatch)
            flush();
        if (judge)
            judge->addRow(batch, row);
        else
            batch.add(shard.row(row));
        totals.tokens += shard.length(row);
        ++totals.rows;
        context.report("Evaluating", static_cast<std::uint64_t>(totals.rows), rows.size());
    }
    flush();
    totals.lossSum += sum.defined() ? sum.item<double>() : 0.0;
    return totals;
}

}
