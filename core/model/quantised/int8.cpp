// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/quantised/int8.h"

#include "model/cuda_library.h"

#include <ATen/ATen.h>

namespace attune::model {

namespace {

class Int8Source final : public WeightSource
{
public:
    explicit Int8Source(Int8Tensor tensor) : m_tensor(std::move(tensor)) {}
    at::Tensor weight(at::ScalarType type) const override { return dequantiseInt8(m_tensor, type); }
    at::Tensor rows(const at::Tensor& ids, at::ScalarType type) const override
    {
        return dequantiseInt8({m_tensor.codes.index_select(0, ids), m_tensor.scales.index_select(0, ids)}, type);
    }
    std::uint64_t bytes() const override { return m_tensor.codes.nbytes() + m_tensor.scales.nbytes(); }

private:
    const Int8Tensor m_tensor;
};

}

Int8Tensor quantiseInt8(const at::Tensor& weight)
{
    const at::NoGradGuard noGrad;
    const auto values = weight.to(at::kFloat);
    const auto scales = values.abs().amax(1);
    const auto factors = (127.0 / scales.clamp_min(1e-38)).unsqueeze(1);
    return {at::round(values * factors).to(at::kChar), scales};
}

at::Tensor dequantiseInt8(const Int8Tensor& tensor, at::ScalarType type)
{
    const at::NoGradGuard noGrad;
    if (const auto* kernels = tensor.codes.is_cuda() ? cudaKernels() : nullptr; kernels && cudaElement(type)) {
        const auto out = at::empty(tensor.codes.sizes(), tensor.codes.options().dtype(type));
        const auto codes = tensor.codes.contiguous(), factors = (tensor.scales / 127.0).contiguous();
        kernels->dequantiseInt8(codes.data_ptr<std::int8_t>(), factors.data_ptr<float>(), {out.data_ptr(), out.stride(0), out.size(0), out.size(1), *cudaElement(type)});
        checkLaunch(*kernels, "dequantiseInt8");
        return out;
    }
    return tensor.codes.to(at::kFloat).mul_((tensor.scales / 127.0).unsqueeze(1)).to(type);
}

std::shared_ptr<const WeightSource> int8Source(const at::Tensor& weight, at::Device device)
{
    const auto tensor = quantiseInt8(weight);
    return std::make_shared<Int8Source>(Int8Tensor {tensor.codes.to(device), tensor.scales.to(device)});
}

}
