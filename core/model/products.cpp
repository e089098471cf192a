// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/products.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/mm.h>

namespace attune::model {

void product(at::Tensor out, const at::Tensor& a, const at::Tensor& b)
{
    at::mm_out(out, a, b);
}

void addProduct(at::Tensor out, const at::Tensor& a, const at::Tensor& b)
{
    at::addmm_out(out, out, a, b);
}

at::Tensor productOf(const at::Tensor& a, const at::Tensor& b)
{
    return at::mm(a, b);
}

}
