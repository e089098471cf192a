// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/fast_decoder.h"

namespace attune::families {

std::string missingInFastDecoder(const ModelSpec& spec)
{
    if (spec.kind != Architecture::Decoder)
        return "is no decoder";
    if (spec.norm != NormKind::RmsNorm || spec.normPlacement != NormPlacement::Pre || spec.normAddsOne || spec.queryKeyNorm)
        return "places or computes its norms in another way";
    if (spec.activation != Activation::Silu || !spec.gatedMlp)
        return "has another MLP than SwiGLU";
    // A window that spans the whole context is none.
    if (spec.attentionSoftcap != 0 || spec.logitSoftcap != 0 || (spec.slidingWindow != 0 && spec.slidingWindow < spec.contextLength))
        return "caps its scores or attends to a sliding window";
    if (spec.logitScale != 1 || spec.embeddingScale != 1 || spec.residualScale != 1)
        return "scales embeddings, residuals or logits";
    if (spec.rope.kind == RopeSpec::Kind::None)
        return "has no rotary positions";
    if (spec.fusedQkv != FusedQkv::None || spec.fusedGateUp || spec.parallelResidual || spec.learnedPositions || spec.alibi || spec.localRopeTheta != 0)
        return "computes its layers in another order";
    if (spec.rope.partialFactor != 1)
        return "rotates a part of each head only";
    return {};
}

bool runsOnFastDecoder(const ModelSpec& spec)
{
    // With dynamic scaling a row's angles follow from its own length; there those of the longest row of a batch serve all.
    return missingInFastDecoder(spec).empty() && spec.rope.kind != RopeSpec::Kind::Dynamic;
}

}
