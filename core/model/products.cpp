// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/products.h"

#include "model/onednn_product.h"
#include "model/tile_product.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>

#include <utility>

namespace attune::model {

namespace {

thread_local bool t_splits = false;

bool runsOnTiles(const at::Tensor& out, const at::Tensor& a, const at::Tensor& b)
{
    return (t_splits || a.scalar_type() == at::kBFloat16) && servesTileProduct(out, a, b);
}

bool runsOnOneDnn(const at::Tensor& out, const at::Tensor& a, const at::Tensor& b)
{
    return prefersOneDnn() && servesOneDnnProduct(out, a, b);
}

}

void product(at::Tensor out, const at::Tensor& a, const at::Tensor& b)
{
    if (runsOnTiles(out, a, b))
        tileProduct(out, a, b, {});
    else if (runsOnOneDnn(out, a, b))
        oneDnnProduct(out, a, b, 1.0, false);
    else
        at::mm_out(out, a, b);
}

void addProduct(at::Tensor out, const at::Tensor& addend, const at::Tensor& a, const at::Tensor& b)
{
    if (runsOnTiles(out, a, b)) {
        tileProduct(out, a, b, {.addend = addend});
    } else if (runsOnOneDnn(out, a, b)) {
        if (!out.is_same(addend))
            out.copy_(addend);
        oneDnnProduct(out, a, b, 1.0, true);
    } else {
        at::addmm_out(out, addend, a, b);
    }
}

at::Tensor productOf(const at::Tensor& a, const at::Tensor& b)
{
    if (!prefersOneDnn() || a.scalar_type() != at::kFloat || !a.device().is_cpu())
        return at::mm(a, b);
    const auto out = at::empty({a.size(0), b.size(1)}, a.options());
    product(out, a, b);
    return out;
}

void addScaledProduct(at::Tensor sum, const at::Tensor& a, const at::Tensor& b, double scale, bool adds)
{
    if (sum.stride(1) != 1)
        return addScaledProduct(sum.t(), b.t(), a.t(), scale, adds);
    if (runsOnTiles(sum, a, b))
        return tileProduct(sum, a, b, {.addend = adds ? sum : at::Tensor(), .scale = scale});
    if (runsOnOneDnn(sum, a, b))
        return oneDnnProduct(sum, a, b, scale, adds);
    if (!adds)
        sum.zero_();
    if (a.scalar_type() == sum.scalar_type())
        at::addmm_out(sum, sum, a, b, 1.0, scale);
    else
        sum.add_(productOf(a, b), scale);
}

SplitProducts::SplitProducts()
    : m_before(std::exchange(t_splits, true))
{
}

SplitProducts::~SplitProducts()
{
    t_splits = m_before;
}

}
