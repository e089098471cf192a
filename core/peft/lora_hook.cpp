// SPDX-License-Identifier: GPL-3.0-or-later
#include "peft/lora_hook.h"

#include <ATen/ATen.h>

namespace attune::peft {

LoraHook::LoraHook(const std::string& module, const at::Tensor& a, const at::Tensor& b, double scaling, double dropout, bool isTrained)
    : m_a("base_model.model." + module + ".lora_A.weight", a, isTrained)
    , m_b("base_model.model." + module + ".lora_B.weight", b, isTrained)
    , m_scaling(scaling)
    , m_dropout(dropout)
{
}

at::Tensor LoraHook::apply(const model::NetworkLinear&, const at::Tensor& x, const at::Tensor& y, const model::HookState& state)
{
    const auto update = at::linear(at::linear(state.dropout(x.to(at::kFloat), m_dropout), m_a.leaf()), m_b.leaf());
    return y + (update * (m_scaling * state.adapterScale)).to(y.scalar_type());
}

at::Tensor LoraHook::merged(const model::NetworkLinear&, const at::Tensor& weight, double scale)
{
    return weight + at::matmul(b(), a()) * (m_scaling * scale);
}

void LoraHook::appendParameters(std::vector<model::Parameter*>& parameters)
{
    appendTrained(parameters, {&m_a, &m_b});
}

}
