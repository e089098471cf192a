// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "trainer/objective.h"

namespace attune::trainer {

/// Cross-entropy of the next token at every target, with label smoothing: (1 - e) nll + e · mean over the vocabulary of
/// -log p, as torch and HF's LabelSmoother have it. Evaluated without smoothing, so that losses compare.
class NextToken : public Objective
{
public:
    explicit NextToken(const ObjectiveOptions& options) : m_smoothing(options.labelSmoothing) {}
    at::Tensor loss(model::Network& network, const model::PackedBatch& batch) override;
    void measure(model::Network& network, const model::PackedBatch& batch, evaluator::Totals& totals) override;

protected:
    double smoothing() const { return m_smoothing; }

private:
    const double m_smoothing;
};

/// Sum over the targets of a batch; logits [N, V] at those targets in order.
at::Tensor targetLoss(const at::Tensor& logits, const at::Tensor& ids, double smoothing);

}
