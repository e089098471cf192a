// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/kernels/adamw.h"

#include <ATen/core/Tensor.h>

namespace attune::model::kernels {

/// Both moments of AdamW for one tensor in 8 bits (Dettmers et al. 2022, arXiv:2110.02861): a code of the signed or the unsigned
/// DynamicMap for each value of the flattened tensor, times the largest absolute value of its block of 256.
struct EightBitMoments {
    at::Tensor mean, square;            ///< uint8, as long as the tensor
    at::Tensor meanScale, squareScale;  ///< float32, one a block
    at::Tensor maps;                    ///< float32 [2, 256] of codeMaps(), which all tensors of a device share

    static EightBitMoments zeros(const at::Tensor& value, const at::Tensor& maps);
};

/// What the codes of mean and square stand for, float32 [2, 256] on a device.
at::Tensor codeMaps(at::Device device);

/// θ ← θ(1 − lr·wd) − lr · m̂ / (√v̂ + ε): the moments are decoded, moved on and used in float32, then coded again. The
/// arithmetic is that of bitsandbytes' AdamW8bit on the CPU (0.50).
///
/// value, gradient: float32, dense, on one device. count: float32 scalar, updates with this one; foundInf: float32 scalar, 1
/// leaves everything as it is, which the host need not know. The result does not depend on the number of threads.
void adamw8(const at::Tensor& value, const at::Tensor& gradient, const EightBitMoments& moments, const at::Tensor& count,
    const at::Tensor& foundInf, const AdamwRates& rates);

namespace on_card {
/// With our own kernel on a card; false, and nothing is done, where there is none.
bool adamw8(const at::Tensor& value, const at::Tensor& gradient, const EightBitMoments& moments, const at::Tensor& count,
    const at::Tensor& foundInf, const AdamwRates& rates);
}

namespace reference {
/// In ATen calls, on any device.
void adamw8(const at::Tensor& value, const at::Tensor& gradient, const EightBitMoments& moments, const at::Tensor& count,
    const at::Tensor& foundInf, const AdamwRates& rates);
/// float32 [n] of codes and their scales; map: [256].
at::Tensor decode(const at::Tensor& codes, const at::Tensor& scales, const at::Tensor& map);
/// Writes the nearest codes of float32 [n] and the scales.
void encode(const at::Tensor& moments, const at::Tensor& codes, const at::Tensor& scales, const at::Tensor& map);
}

}
