// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace attune::model::kernels {

struct AdamwRates {
    double learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.0;
};

/// What one step of AdamW reads and changes of one tensor: all float32, dense, on a CPU.
struct AdamwTensors {
    at::Tensor value, gradient, mean, square;
    at::Tensor copy {};  ///< bfloat16, dense, as long as value: gets the new values; undefined: none
};

/// Whether all of them are such tensors; elsewhere ATen's fused kernel serves.
bool servesAdamw(const AdamwTensors& tensors);

/// θ ← θ(1 − lr·wd) − lr · m̂ / (√v̂ + ε) (Loshchilov and Hutter 2019) in one pass over memory, as torch.optim.AdamW(fused=True) computes it,
/// of gradients times gradientScale (clipping), which stay as they are. count: updates with this one. The result does not depend on
/// the number of threads.
void adamw(const AdamwTensors& tensors, double count, double gradientScale, const AdamwRates& rates);

}
