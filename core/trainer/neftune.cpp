// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/neftune.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace attune::trainer {

at::Tensor Neftune::apply(const at::Tensor& ids, const at::Tensor& y, const model::HookState& state)
{
    // A pass over other rows (a reference, a sample) has no noise.
    if (!state.isTraining || m_segments.empty() || m_segments.back() != ids.size(0))
        return y;
    std::vector<float> magnitudes;
    for (std::size_t s = 0; s + 1 < m_segments.size(); ++s) {
        const auto length = m_segments[s + 1] - m_segments[s];
        const auto magnitude = m_alpha / std::sqrt(static_cast<double>(std::max(1, length)) * static_cast<double>(y.size(1)));
        magnitudes.insert(magnitudes.end(), static_cast<std::size_t>(length), static_cast<float>(magnitude));
    }
    const auto scale = at::tensor(at::ArrayRef<float>(magnitudes), at::kFloat).to(y.device()).unsqueeze(1);
    const auto noise = at::empty(y.sizes(), y.options().dtype(at::kFloat)).uniform_(-1, 1, *state.generator);
    return y + (noise * scale).to(y.scalar_type());
}

}
