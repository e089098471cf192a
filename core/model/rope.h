// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/model_spec.h"

#include <ATen/core/Tensor.h>

namespace attune::model {

/// Angles of rotary position embeddings (Su et al. 2021) with the scalings of formats.md §2.6 (default,
/// linear, dynamic, llama3, yarn, longrope), as transformers computes them. Owned by one model.
class RopeTable
{
public:
    RopeTable(const families::ModelSpec& spec, at::Device device);

    /// float32 [positions, 2, D/2] (cosines, sines, times the attention factor) that covers rows of up to
    /// length tokens. For dynamic and longrope the angles depend on that length.
    const at::Tensor& forLength(std::int64_t length);

    /// Inverse frequencies [D/2] of a row of length tokens; float64 on the CPU.
    std::vector<double> inverseFrequencies(std::int64_t length) const;
    double attentionFactor() const;

private:
    bool dependsOnLength(std::int64_t length) const;

    const families::RopeSpec m_rope;
    const std::int64_t m_dim;
    const std::int64_t m_contextLength;
    const at::Device m_device;
    at::Tensor m_table;
    std::int64_t m_tableLength = 0;  ///< the length that m_table's frequencies were made for, 0 if any
};

}
