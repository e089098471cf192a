// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/task_head.h"
#include "model/causal_lm.h"

namespace attune::model {

class Network;

/// loadModel, with a head of labels in the place of next-token logits: a new one where the model's files have none. Such a model
/// is a Network. Without a head (Kind::None) exactly loadModel; that finds the head which an HF folder describes itself.
Result<std::unique_ptr<CausalLm>> loadWithHead(const families::ModelSource& source, const LoadOptions& options, const families::TaskHead& head, const JobContext& context);

/// Whether the network has a head of labels.
bool hasLabelHead(Network& network);

/// float32 logits of the head of labels: [S, labels], one row a sequence (a decoder's last token, an encoder's first), or, with
/// isPerToken, [T, labels]. On the tape unless a NoGradGuard stands.
at::Tensor labelLogits(Network& network, const PackedBatch& batch, bool isPerToken);

}
