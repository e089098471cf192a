// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/quantised/int8.h"

#include "model/cuda_library.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace attune::model {

namespace {

/// Row by row into the wanted type: a float32 copy between would be as large as two such weights, and would leave holes.
template<typename Value>
void expand(const std::int8_t* codes, const float* factors, Value* out, std::int64_t rows, std::int64_t columns, std::int64_t stride)
{
    at::parallel_for(0, rows, std::max<std::int64_t>(1, 65536 / std::max<std::int64_t>(1, columns)), [=](std::int64_t first, std::int64_t last) {
        for (auto row = first; row < last; ++row)
            for (std::int64_t c = 0; c < columns; ++c)
                out[row * stride + c] = static_cast<Value>(static_cast<float>(codes[row * columns + c]) * factors[row]);
    });
}

void expandOnCpu(const at::Tensor& codes, const at::Tensor& factors, const at::Tensor& out)
{
    const auto* from = codes.data_ptr<std::int8_t>();
    const auto* scales = factors.data_ptr<float>();
    const auto rows = codes.size(0), columns = codes.size(1), stride = out.stride(0);
    if (out.scalar_type() == at::kFloat)
        expand(from, scales, out.data_ptr<float>(), rows, columns, stride);
    else if (out.scalar_type() == at::kBFloat16)
        expand(from, scales, out.data_ptr<at::BFloat16>(), rows, columns, stride);
    else
        expand(from, scales, out.data_ptr<at::Half>(), rows, columns, stride);
}

/// factors: float32 [out], what a code of 1 stands for.
void expandInto(const at::Tensor& codes, const at::Tensor& factors, const at::Tensor& out)
{
    const at::NoGradGuard noGrad;
    const auto type = out.scalar_type();
    const bool isOfRows = out.dim() == 2 && out.stride(1) == 1;
    if (const auto* kernels = out.is_cuda() && isOfRows && cudaElement(type) ? cudaKernels() : nullptr) {
        kernels->dequantiseInt8(codes.data_ptr<std::int8_t>(), factors.data_ptr<float>(), {out.data_ptr(), out.stride(0), out.size(0), out.size(1), *cudaElement(type)});
        checkLaunch(*kernels, "dequantiseInt8");
    } else if (out.is_cpu() && isOfRows && (type == at::kFloat || type == at::kBFloat16 || type == at::kHalf)) {
        expandOnCpu(codes, factors, out);
    } else {
        out.copy_(codes.to(at::kFloat).mul_(factors.unsqueeze(1)));
    }
}

at::Tensor factorsOf(const at::Tensor& scales)
{
    return (scales / 127.0).contiguous();
}

class Int8Source final : public WeightSource
{
public:
    explicit Int8Source(const Int8Tensor& tensor)
        : m_codes(tensor.codes.contiguous())
        , m_factors(factorsOf(tensor.scales))
    {
    }
    at::Tensor weight(at::ScalarType type) const override
    {
        const auto out = at::empty(m_codes.sizes(), m_codes.options().dtype(type));
        expand(out);
        return out;
    }
    void expand(const at::Tensor& out) const override { expandInto(m_codes, m_factors, out); }
    at::Tensor rows(const at::Tensor& ids, at::ScalarType type) const override
    {
        const auto out = at::empty({ids.size(0), m_codes.size(1)}, m_codes.options().dtype(type));
        expandInto(m_codes.index_select(0, ids), m_factors.index_select(0, ids), out);
        return out;
    }
    std::uint64_t bytes() const override { return m_codes.nbytes() + m_factors.nbytes(); }

private:
    const at::Tensor m_codes, m_factors;
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
    const auto out = at::empty(tensor.codes.sizes(), tensor.codes.options().dtype(type));
    expandInto(tensor.codes.contiguous(), factorsOf(tensor.scales), out);
    return out;
}

std::shared_ptr<const WeightSource> int8Source(const at::Tensor& weight, at::Device device)
{
    return std::make_shared<Int8Source>(quantiseInt8(weight.to(device)));
}

}
