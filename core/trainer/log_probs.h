// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/batch.h"

#include <ATen/core/Tensor.h>

namespace attune::model {
class Network;
}

namespace attune::trainer {

/// Log-probabilities of whole sequences: sums over their targets.
struct SequenceLogProbs {
    at::Tensor sums;    ///< float32 [S]
    at::Tensor counts;  ///< float32 [S]: targets of each sequence

    at::Tensor means() const;  ///< sums / counts, a sequence without targets as 0
};

/// Where a batch's targets are and which sequence each belongs to; int64 on the device.
struct TargetPlaces {
    at::Tensor rows;       ///< [N] positions in the batch
    at::Tensor ids;        ///< [N]
    at::Tensor sequences;  ///< [N]
};
TargetPlaces targetPlaces(const model::PackedBatch& batch, const at::Device& device);

/// log softmax of the logits at the targets; on the tape unless a NoGradGuard stands. float32.
SequenceLogProbs sequenceLogProbs(model::Network& network, const model::PackedBatch& batch);
/// From hidden states [T, C] of the batch that are there already.
SequenceLogProbs sequenceLogProbs(model::Network& network, const model::PackedBatch& batch, const at::Tensor& hidden);

/// The same of the model as it was: `frozen` where there is a copy, else the network with its adapter's scale at 0 and
/// without dropout; no gradients.
SequenceLogProbs referenceLogProbs(model::Network& network, model::Network* frozen, const model::PackedBatch& batch);

/// The sequences at place `part` of each row, [R]: index for sums and means.
at::Tensor sequencesOfPart(const model::PackedBatch& batch, std::int64_t part, const at::Device& device);

}
