// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/clip.h"

#include "trainer/optimizer.h"

#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>

namespace attune::trainer {

ClippedGradients clipGradients(const std::vector<at::Tensor>& gradients, double maxNorm, Optimizer* optimizer)
{
    ClippedGradients result;
    result.norm = at::linalg_vector_norm(at::stack(at::_foreach_norm(gradients, 2)), 2);
    result.foundInf = at::isfinite(result.norm).logical_not().to(at::kFloat);
    if (maxNorm > 0) {
        const auto factor = (maxNorm / (result.norm + 1e-6)).clamp_max(1.0);
        // On a CPU it costs nothing to know what is to be done; a card is not asked.
        const bool isDone = factor.is_cpu() && (factor.item<float>() == 1.0f || (optimizer && optimizer->scaleGradients(factor.item<float>())));
        if (!isDone)
            at::_foreach_mul_(gradients, factor);
    }
    return result;
}

}
