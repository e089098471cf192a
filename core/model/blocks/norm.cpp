// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/blocks/norm.h"

#include "model/kernels/kernels.h"

#include <ATen/ATen.h>

namespace attune::model {

Norm::Norm(const std::string& name, const at::Tensor& weight, double epsilon, at::ScalarType compute, at::Device device, bool isTrained)
    : m_name(name)
    // Rounded through the compute type, as a model held in that type has it.
    , m_weight(weight.to(isTrained ? at::kFloat : compute).to(device, at::kFloat).contiguous())
    , m_epsilon(epsilon)
{
    if (!isTrained)
        return;
    m_master = std::make_unique<Parameter>();
    m_master->name = name;
    m_master->value = m_weight;
    m_master->grad = at::zeros_like(m_weight);
    m_master->decays = false;
}

void Norm::forward(const at::Tensor& x, const at::Tensor& out) const
{
    kernels::rmsNorm(x, m_weight, m_epsilon, out);
}

void Norm::backward(const at::Tensor& gradOut, const at::Tensor& x, const at::Tensor& gradX)
{
    kernels::rmsNormBackward(gradOut, x, m_weight, m_epsilon, gradX, m_master ? m_master->grad : at::Tensor());
}

at::Tensor Norm::weight() const
{
    return m_weight;
}

}
