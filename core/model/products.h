// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace attune::model {

// Matrix products into buffers that exist already, of any layout and row stride, on a CPU's tile units where those serve
// (tile_product.h), else ATen's.

/// out = a b
void product(at::Tensor out, const at::Tensor& a, const at::Tensor& b);
/// out = addend + a b; addend may be out itself.
void addProduct(at::Tensor out, const at::Tensor& addend, const at::Tensor& a, const at::Tensor& b);
/// a b in a new tensor of a's type
at::Tensor productOf(const at::Tensor& a, const at::Tensor& b);
/// sum += scale · a b, or sum = scale · a b where it does not add, with a float32 sum that may be a transposed view; a and b float32
/// or bfloat16.
void addScaledProduct(at::Tensor sum, const at::Tensor& a, const at::Tensor& b, double scale, bool adds = true);

/// While one lives, float32 products that this thread asks for may run on a CPU's tile units, each value as the sum of two
/// bfloat16 (tile_product.h): a relative error of 2^-17, several times as fast. For training steps; what is evaluated or
/// answered is computed in plain float32.
class SplitProducts
{
public:
    SplitProducts();
    ~SplitProducts();
    SplitProducts(const SplitProducts&) = delete;
    SplitProducts& operator=(const SplitProducts&) = delete;

private:
    bool m_before;
};

}
