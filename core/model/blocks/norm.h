// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/causal_lm.h"

#include <memory>
#include <string>

namespace attune::model {

/// RMSNorm with its weight (see kernels::rmsNorm).
class Norm
{
public:
    Norm(const std::string& name, const at::Tensor& weight, double epsilon, at::ScalarType compute, at::Device device, bool isTrained);

    void forward(const at::Tensor& x, const at::Tensor& out) const;
    /// gradX += dL/dx; adds to the weight's gradient where it trains.
    void backward(const at::Tensor& gradOut, const at::Tensor& x, const at::Tensor& gradX);
    Parameter* parameter() { return m_master.get(); }
    const std::string& name() const { return m_name; }
    at::Tensor weight() const;  ///< float32

private:
    std::string m_name;
    at::Tensor m_weight;  ///< [C] float32: small, and exact
    double m_epsilon;
    std::unique_ptr<Parameter> m_master;
};

}
