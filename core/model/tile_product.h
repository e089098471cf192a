// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace attune::model {

// Products on a CPU's tile units (AMX) of matrices that are not kept in their order: trained weights, activations,
// gradients of weights. What is frozen lies packed (packed_linear.h).

/// Whether tileProduct() can and should: the processor has the units, the types and layouts fit, and the product is large
/// enough to be worth putting both sides in order.
bool servesTileProduct(const at::Tensor& out, const at::Tensor& a, const at::Tensor& b);

struct TileProductOptions {
    at::Tensor addend {};  ///< of out's shape, type and layout, or out itself
    double scale = 1.0;
};
/// out [M, N] = scale · a [M, K] b [K, N], plus the addend where there is one. a and b: both float32 or both bfloat16, dense along
/// either dimension. float32 is split in two bfloat16 parts, of which all products but low · low are summed (relative
/// error about 2^-17); where b holds values of bfloat16, two products are all there are. out: float32, or bfloat16 with bfloat16 sides; rows dense. Sums are float32, in an order that does not
/// depend on the number of threads. Runs on all threads of ATen.
void tileProduct(const at::Tensor& out, const at::Tensor& a, const at::Tensor& b, const TileProductOptions& options);

}
