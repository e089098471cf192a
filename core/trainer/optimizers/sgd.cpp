// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/optimizer.h"

#include <ATen/ops/_fused_sgd.h>

namespace attune::trainer {
namespace {

/// Plain stochastic gradient descent, without momentum, as torch.optim.SGD: θ ← θ − lr · (g + wd · θ).
class Sgd final : public Optimizer
{
public:
    Sgd(const std::vector<model::Parameter*>& parameters, const OptimizerOptions& options)
        : m_groups(groupParameters(parameters, options.weightDecay))
    {
    }

    void step(double learningRate, const at::Tensor& foundInf) override
    {
        for (auto& group : m_groups) {
            if (isWaiting(group.firstStep))
                continue;
            at::_fused_sgd_(group.values, group.gradients, {}, group.weightDecay, /*momentum=*/0.0,
                learningRate * group.learningRateScale, /*dampening=*/0.0, /*nesterov=*/false, /*maximize=*/false,
                /*is_first_step=*/false, /*grad_scale=*/{}, foundInf);
        }
    }

    NamedTensors state() override { return {}; }

private:
    std::vector<ParameterGroup> m_groups;
};

}

const OptimizerKind& sgd()
{
    static const OptimizerKind kind {"sgd",
        [](const std::vector<model::Parameter*>& parameters, const OptimizerOptions& options) -> std::unique_ptr<Optimizer> {
            return std::make_unique<Sgd>(parameters, options);
        }};
    return kind;
}

}
