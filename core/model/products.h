// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace attune::model {

// Matrix products into buffers that exist already. ATen reaches the machine's peak here (oneDNN for
// bfloat16, any layout and row stride), so that weights need not be packed.

/// out = a b
void product(at::Tensor out, const at::Tensor& a, const at::Tensor& b);
/// out += a b
void addProduct(at::Tensor out, const at::Tensor& a, const at::Tensor& b);
/// a b in a new tensor of a's type
at::Tensor productOf(const at::Tensor& a, const at::Tensor& b);

}
