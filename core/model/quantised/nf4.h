// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/weight_source.h"

namespace attune::model {

/// A weight in 4 bits per value, as QLoRA keeps its base (Dettmers et al. 2023, arXiv:2305.14314): blocks of
/// 64 values of the flattened weight, each an index into 16 quantiles of the normal distribution times the
/// block's largest absolute value; these scales are themselves kept in 8 bits, in blocks of 256 after their
/// mean was subtracted. Codes and scales are those of bitsandbytes 0.50 (formats.md §7.1).
struct Nf4Tensor {
    std::vector<std::int64_t> shape;
    at::Tensor codes;         ///< uint8 [ceil(n / 2)]: the first of two values in the high half
    at::Tensor scaleCodes;    ///< uint8 [ceil(n / 64)]
    at::Tensor scaleScales;   ///< float32 [ceil(n / 64 / 256)]
    at::Tensor scaleLevels;   ///< float32 [256]: what the codes of scales stand for
    float scaleOffset = 0.0f;
};

/// Quantises float32 values on the CPU.
Nf4Tensor quantiseNf4(const at::Tensor& weight);
/// The scales [ceil(n / 64)] in float32.
at::Tensor nf4Scales(const Nf4Tensor& tensor);
/// The values in this type, on the device of the codes.
at::Tensor dequantiseNf4(const Nf4Tensor& tensor, at::ScalarType type);
/// The same into out, whose rows may lie apart, in its type.
void dequantiseNf4(const Nf4Tensor& tensor, const at::Tensor& out);

/// A frozen weight kept so; its codes lie on the device.
std::shared_ptr<const WeightSource> nf4Source(const at::Tensor& weight, at::Device device);

}
