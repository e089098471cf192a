// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace attune::trainer {

/// What clipping leaves on the device; nothing here waits for it.
struct ClippedGradients {
    at::Tensor norm;      ///< float32 scalar: ‖g‖₂ over all gradients, before clipping
    at::Tensor foundInf;  ///< float32 scalar: 1 where the norm is NaN or infinite, else 0
};

class Optimizer;

/// Scales gradients in place by min(1, maxNorm / (‖g‖₂ + 1e-6)), as torch.nn.utils.clip_grad_norm_; maxNorm 0 only measures. An
/// optimizer that can scale them on its way is told to instead: one pass over all gradients less.
ClippedGradients clipGradients(const std::vector<at::Tensor>& gradients, double maxNorm, Optimizer* optimizer = nullptr);

}
