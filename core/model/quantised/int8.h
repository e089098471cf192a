// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/weight_source.h"

namespace attune::model {

/// A frozen weight in 8 bits: round(127 · W / max |row|) for each output, as LLM.int8() keeps it (Dettmers et
/// al. 2022, arXiv:2208.07339). Only the weight is quantised: products run in the compute type on the weight
/// put back together, so activations have no outliers to treat.
struct Int8Tensor {
    at::Tensor codes;   ///< int8 [out, in]
    at::Tensor scales;  ///< float32 [out]: the largest absolute value of each row
};

Int8Tensor quantiseInt8(const at::Tensor& weight);
at::Tensor dequantiseInt8(const Int8Tensor& tensor, at::ScalarType type);
std::shared_ptr<const WeightSource> int8Source(const at::Tensor& weight, at::Device device);

}
