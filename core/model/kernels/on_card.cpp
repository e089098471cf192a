// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/on_card.h"

#include "model/cuda_library.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <initializer_list>

namespace attune::model::kernels::on_card {

namespace {

/// Matrices of one type on a card, dense in the last dimension.
bool serves(std::initializer_list<at::Tensor> tensors)
{
    const auto& first = *tensors.begin();
    if (!first.is_cuda() || !cudaKernels())
        return false;
    return std::ranges::all_of(tensors, [&](const at::Tensor& t) {
        return t.device() == first.device() && t.scalar_type() == first.scalar_type() && cudaElement(t.scalar_type()) && t.dim() == 2 && (t.stride(1) == 1 || t.size(1) == 1);
    });
}

cuda::Matrix matrix(const at::Tensor& x)
{
    return {x.data_ptr(), x.stride(0), x.size(0), x.size(1), *cudaElement(x.scalar_type())};
}

/// What the functions here return after a launch.
bool launched(const char* name)
{
    checkLaunch(*cudaKernels(), name);
    return true;
}

}

bool rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon, const at::Tensor& out)
{
    if (!serves({x, out}))
        return false;
    cudaKernels()->rmsNorm(matrix(x), weight.data_ptr<float>(), static_cast<float>(epsilon), matrix(out));
    return launched("rmsNorm");
}

bool rmsNormBackward(const at::Tensor& gradOut, const at::Tensor& x, const at::Tensor& weight, double epsilon, const at::Tensor& gradX, const at::Tensor& gradWeight)
{
    if (!serves({x, gradOut, gradX}))
        return false;
    const auto scratch = gradWeight.defined() ? at::empty({x.size(0)}, x.options().dtype(at::kFloat)) : at::Tensor();
    cudaKernels()->rmsNormBackward(matrix(gradOut), matrix(x), weight.data_ptr<float>(), static_cast<float>(epsilon), matrix(gradX),
        gradWeight.defined() ? gradWeight.data_ptr<float>() : nullptr, scratch.defined() ? scratch.data_ptr<float>() : nullptr);
    return launched("rmsNormBackward");
}

bool rotary(const at::Tensor& x, std::int64_t heads, const at::Tensor& table, const at::Tensor& positions, Rotation rotation)
{
    if (!serves({x}))
        return false;
    cudaKernels()->rotary(matrix(x), heads, table.size(2), table.data_ptr<float>(), positions.data_ptr<std::int32_t>(), rotation == Rotation::Forward ? 1.0f : -1.0f);
    return launched("rotary");
}

bool swiglu(const at::Tensor& gateUp, const at::Tensor& out)
{
    if (!serves({gateUp, out}))
        return false;
    cudaKernels()->swiglu(matrix(gateUp), matrix(out));
    return launched("swiglu");
}

bool swigluBackward(const at::Tensor& gradOut, const at::Tensor& gateUp)
{
    if (!serves({gateUp, gradOut}))
        return false;
    cudaKernels()->swigluBackward(matrix(gradOut), matrix(gateUp));
    return launched("swigluBackward");
}

bool crossEntropy(const at::Tensor& logits, const at::Tensor& targets, const at::Tensor& gradScale, const at::Tensor& losses)
{
    if (!serves({logits}))
        return false;
    cudaKernels()->crossEntropy(matrix(logits), targets.data_ptr<std::int64_t>(), gradScale.defined() ? gradScale.data_ptr<float>() : nullptr, losses.data_ptr<float>());
    return launched("crossEntropy");
}

bool dropout(const at::Tensor& x, double p, std::uint64_t stream, const at::Tensor& out)
{
    if (!serves({x, out}))
        return false;
    cudaKernels()->dropout(matrix(x), static_cast<float>(p), stream, matrix(out));
    return launched("dropout");
}

}
