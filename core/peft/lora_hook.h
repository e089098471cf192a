// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/network/linear.h"

namespace attune::peft {

/// y + scaling · B A dropout(x) on a linear of the network, in float32 as PEFT computes it (Hu et al. 2021).
class LoraHook final : public model::LinearHook
{
public:
    /// a [R, in], b [out, R]; names as PEFT writes them ("base_model.model.….lora_A.weight").
    LoraHook(const std::string& module, const at::Tensor& a, const at::Tensor& b, double scaling, double dropout, bool isTrained);

    at::Tensor apply(const model::NetworkLinear& linear, const at::Tensor& x, const at::Tensor& y, const model::HookState& state) override;
    at::Tensor merged(const model::NetworkLinear& linear, const at::Tensor& weight, double scale) override;
    void appendParameters(std::vector<model::Parameter*>& parameters) override;

    const at::Tensor& a() const { return m_a.parameter.value; }
    const at::Tensor& b() const { return m_b.parameter.value; }
    double scaling() const { return m_scaling; }

private:
    model::TrainedTensor m_a, m_b;
    const double m_scaling, m_dropout;
};

}
