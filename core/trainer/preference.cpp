// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/preference.h"

#include "model/network/network.h"

#include <ATen/ATen.h>

namespace attune::trainer {
namespace {

void append(const at::Tensor& values, std::vector<double>& out)
{
    const auto host = values.detach().to(at::kCPU, at::kDouble).contiguous();
    out.insert(out.end(), host.data_ptr<double>(), host.data_ptr<double>() + host.numel());
}

}

at::Tensor PairScores::margin() const
{
    return chosenRatio - rejectedRatio;
}

void appendRewards(const PairRewards& rewards, evaluator::Totals& totals)
{
    append(rewards.chosen, totals.chosenRewards);
    append(rewards.rejected, totals.rejectedRewards);
}

void PairRows::addRow(model::PackedBatch& batch, const tokenizer::TokenShard& shard, std::int64_t index, std::int64_t)
{
    const auto row = shard.row(index);
    std::size_t at = 0;
    for (const auto length : row.partLengths) {
        batch.addSequence(row.ids.subspan(at, static_cast<std::size_t>(length)), row.trained.subspan(at, static_cast<std::size_t>(length)));
        at += static_cast<std::size_t>(length);
    }
    batch.closeRow(row.labels, 1);
}

PairScores PairObjective::scoresOf(model::Network& network, const model::PackedBatch& batch)
{
    const auto& device = network.placement().device;
    const auto chosen = sequencesOfPart(batch, 0, device), rejected = sequencesOfPart(batch, 1, device);
    const auto hidden = network.hidden(batch);
    const auto own = sequenceLogProbs(network, batch, hidden);
    PairScores scores {own.sums.index_select(0, chosen), own.sums.index_select(0, rejected), own.counts.index_select(0, chosen),
        own.counts.index_select(0, rejected), {}, {}, hidden};
    if (needsReference()) {
        const auto reference = referenceLogProbs(network, other(), batch);
        scores.chosenRatio = scores.chosen - reference.sums.index_select(0, chosen);
        scores.rejectedRatio = scores.rejected - reference.sums.index_select(0, rejected);
    }
    return scores;
}

at::Tensor PairObjective::lossOf(model::Network& network, const model::PackedBatch& batch, const PairScores& scores)
{
    auto sum = pairLosses(scores).sum();
    if (const auto answers = answerLoss(network, batch, scores); answers.defined())
        sum = sum + answers * static_cast<double>(batch.rows());
    return sum;
}

at::Tensor PairObjective::loss(model::Network& network, const model::PackedBatch& batch)
{
    return lossOf(network, batch, scoresOf(network, batch));
}

void PairObjective::measure(model::Network& network, const model::PackedBatch& batch, evaluator::Totals& totals)
{
    const auto scores = scoresOf(network, batch);
    totals.lossSum += lossOf(network, batch, scores).item<double>();
    totals.targets += batch.trained;
    appendRewards(rewards(scores), totals);
}

}
