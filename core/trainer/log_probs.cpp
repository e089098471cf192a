// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/log_probs.h"

#include "model/network/network.h"

#include <ATen/ATen.h>

namespace attune::trainer {
namespace {

at::Tensor onDevice(const std::vector<std::int64_t>& values, const at::Device& device)
{
    return at::tensor(at::ArrayRef<std::int64_t>(values), at::kLong).to(device);
}

}

at::Tensor SequenceLogProbs::means() const
{
    return sums / counts.clamp_min(1.0);
}

TargetPlaces targetPlaces(const model::PackedBatch& batch, const at::Device& device)
{
    std::vector<std::int64_t> rows, ids, sequences;
    std::int64_t sequence = 0;
    for (std::size_t t = 0; t < batch.targets.size(); ++t) {
        while (static_cast<std::int64_t>(t) >= batch.segments[static_cast<std::size_t>(sequence) + 1])
            ++sequence;
        if (batch.targets[t] < 0)
            continue;
        rows.push_back(static_cast<std::int64_t>(t));
        ids.push_back(batch.targets[t]);
        sequences.push_back(sequence);
    }
    return {onDevice(rows, device), onDevice(ids, device), onDevice(sequences, device)};
}

SequenceLogProbs sequenceLogProbs(model::Network& network, const model::PackedBatch& batch)
{
    return sequenceLogProbs(network, batch, network.hidden(batch));
}

SequenceLogProbs sequenceLogProbs(model::Network& network, const model::PackedBatch& batch, const at::Tensor& hidden)
{
    const auto& device = network.placement().device;
    const auto places = targetPlaces(batch, device);
    const auto logits = network.logitsOf(hidden.index_select(0, places.rows));
    const auto chosen = logits.gather(1, places.ids.unsqueeze(1)).squeeze(1) - logits.logsumexp(1);
    const auto zeros = at::zeros({batch.sequences()}, chosen.options());
    return {zeros.index_add(0, places.sequences, chosen), zeros.index_add(0, places.sequences, at::ones_like(chosen).detach())};
}

SequenceLogProbs referenceLogProbs(model::Network& network, model::Network* frozen, const model::PackedBatch& batch)
{
    const at::NoGradGuard noGrad;
    if (frozen)
        return sequenceLogProbs(*frozen, batch);
    const auto scale = network.state().adapterScale;
    const bool wasTraining = network.state().isTraining;
    network.setAdapterScale(0.0);
    network.setTraining(false);
    const auto result = sequenceLogProbs(network, batch);
    network.setAdapterScale(scale);
    network.setTraining(wasTraining);
    return result;
}

at::Tensor sequencesOfPart(const model::PackedBatch& batch, std::int64_t part, const at::Device& device)
{
    std::vector<std::int64_t> sequences;
    for (std::size_t row = 0; row + 1 < batch.rowSegments.size(); ++row)
        sequences.push_back(batch.rowSegments[row] + part);
    return onDevice(sequences, device);
}

}
