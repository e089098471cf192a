// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/random.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

namespace attune::model {

/// How the next token is drawn. Defaults: the likeliest token.
struct SamplerOptions {
    double temperature = 0.0;        ///< 0 = greedy
    int topK = 0;                    ///< 0 = all
    double topP = 1.0;               ///< nucleus (Holtzman et al. 2019)
    double minP = 0.0;               ///< share of the likeliest token's probability
    double repetitionPenalty = 1.0;  ///< divides positive and multiplies negative logits of seen tokens (Keskar et al. 2019)
    std::uint64_t seed = 0;
};

/// Draws tokens from logits; the same seed and logits give the same tokens on every machine.
/// Order: penalty, temperature, top-k, top-p, min-p, as transformers applies them.
class Sampler
{
public:
    explicit Sampler(const SamplerOptions& options);

    /// logits: float32 [V]; seen: tokens of the prompt and the answer so far.
    std::int32_t next(const at::Tensor& logits, std::span<const std::int32_t> seen);

private:
    const SamplerOptions m_options;
    SplitMix64 m_random;
};

}
