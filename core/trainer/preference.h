// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "trainer/log_probs.h"
#include "trainer/objective.h"

namespace attune::trainer {

/// What a pair's loss is made from, [pairs] each: log-probabilities of both answers, their lengths in targets, and, where the
/// objective compares with the model as it was, how far they moved from it.
struct PairScores {
    at::Tensor chosen, rejected;              ///< sums of log-probabilities
    at::Tensor chosenTokens, rejectedTokens;  ///< float32
    at::Tensor chosenRatio, rejectedRatio;    ///< chosen less the reference's; undefined without a reference
    at::Tensor hidden;                        ///< [T, C] of the batch

    at::Tensor margin() const;                ///< chosenRatio - rejectedRatio
};

/// Rewards of both answers, for metrics; no gradients.
struct PairRewards {
    at::Tensor chosen, rejected;
};

void appendRewards(const PairRewards& rewards, evaluator::Totals& totals);

/// An objective on rows of two sequences, chosen and rejected: a row is one unit.
class PairRows : public Objective
{
public:
    void addRow(model::PackedBatch& batch, const tokenizer::TokenShard& shard, std::int64_t index, std::int64_t epoch) override;
};

/// One that compares the log-probabilities of both answers.
class PairObjective : public PairRows
{
public:
    at::Tensor loss(model::Network& network, const model::PackedBatch& batch) override;
    void measure(model::Network& network, const model::PackedBatch& batch, evaluator::Totals& totals) override;

protected:
    virtual bool needsReference() const { return false; }
    /// [pairs]
    virtual at::Tensor pairLosses(const PairScores& scores) = 0;
    virtual PairRewards rewards(const PairScores& scores) = 0;
    /// Added to the mean of the pairs' losses: cross-entropy on chosen answers. Undefined: nothing.
    virtual at::Tensor answerLoss(model::Network& /*network*/, const model::PackedBatch& /*batch*/, const PairScores& /*scores*/) { return {}; }

private:
    PairScores scoresOf(model::Network& network, const model::PackedBatch& batch);
    at::Tensor lossOf(model::Network& network, const model::PackedBatch& batch, const PairScores& scores);
};

}
