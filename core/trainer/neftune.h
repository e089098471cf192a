// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/network/hooks.h"

#include <cstdint>
#include <vector>

namespace attune::trainer {

/// Uniform noise of ±alpha / sqrt(L · C) on the embeddings while training, L the length of the sequence (Jain et al. 2023, as HF's
/// neftune_noise_alpha; without padding, L is the sequence's own).
class Neftune final : public model::EmbeddingHook
{
public:
    explicit Neftune(double alpha) : m_alpha(alpha) {}

    /// Starts of the sequences of the pass that follows, last = T.
    void setSequences(const std::vector<std::int32_t>& segments) { m_segments = segments; }

    at::Tensor apply(const at::Tensor& ids, const at::Tensor& y, const model::HookState& state) override;

private:
    const double m_alpha;
    std::vector<std::int32_t> m_segments;
};

}
