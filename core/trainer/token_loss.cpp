// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/token_loss.h"

#include "model/network/network.h"
#include "trainer/log_probs.h"

#include <ATen/ATen.h>

namespace attune::trainer {

at::Tensor targetLoss(const at::Tensor& logits, const at::Tensor& ids, double smoothing)
{
    return at::cross_entropy_loss(logits, ids, {}, at::Reduction::Sum, -100, smoothing);
}

at::Tensor NextToken::loss(model::Network& network, const model::PackedBatch& batch)
{
    const auto places = targetPlaces(batch, network.placement().device);
    return targetLoss(network.logitsOf(network.hidden(batch).index_select(0, places.rows)), places.ids, m_smoothing);
}

void NextToken::measure(model::Network& network, const model::PackedBatch& batch, evaluator::Totals& totals)
{
    totals.lossSum += network.crossEntropy(batch).item<double>();
    totals.targets += batch.trained;
}

}
