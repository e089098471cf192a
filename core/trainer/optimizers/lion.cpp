// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/optimizer.h"

#include <ATen/ATen.h>

namespace attune::trainer {
namespace {

// The update in between is made for so many values at a time: a copy of the largest tensor would cost what Lion saves.
constexpr std::int64_t kCpuPiece = std::int64_t(1) << 18, kCardPiece = std::int64_t(1) << 24;

/// Lion (Chen et al. 2023): θ ← θ(1 − lr·wd) − lr · sign(β1·m + (1 − β1)·g), then m ← β2·m + (1 − β2)·g; m in float32.
class Lion final : public Optimizer
{
public:
    Lion(const std::vector<model::Parameter*>& parameters, const OptimizerOptions& options)
        : m_options(options)
        , m_groups(groupParameters(parameters, options.weightDecay))
    {
        for (const auto& group : m_groups)
            for (const auto& value : group.values)
                m_momenta.push_back(at::zeros_like(value, at::kFloat));
    }

    void step(double learningRate, const at::Tensor& foundInf) override
    {
        if (isKnownBad(foundInf))
            return;
        const auto isGood = 1.0 - foundInf;
        std::size_t next = 0;
        for (auto& group : m_groups)
            for (std::size_t i = 0; i < group.values.size(); ++i) {
                const auto& momentum = m_momenta[next++];
                if (isWaiting(group.firstStep))
                    continue;
                dropIfBad(group.gradients[i], foundInf);
                update(group.values[i], group.gradients[i], momentum, learningRate * group.learningRateScale, group.weightDecay, isGood);
            }
    }

    NamedTensors state() override
    {
        NamedTensors tensors;
        for (const auto& group : m_groups)
            for (const auto& name : group.names)
                tensors.emplace_back("exp_avg." + name, m_momenta[tensors.size()]);
        return tensors;
    }

private:
    void update(const at::Tensor& value, const at::Tensor& gradient, const at::Tensor& momentum, double rate, double decay, const at::Tensor& isGood) const
    {
        const std::int64_t piece = value.is_cpu() ? kCpuPiece : kCardPiece;
        const auto values = value.view({-1}).split(piece), gradients = gradient.view({-1}).split(piece), momenta = momentum.view({-1}).split(piece);
        const auto share = isGood * rate, weight = isGood * (1.0 - m_options.beta2);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const auto direction = momenta[i].mul(m_options.beta1).add_(gradients[i], 1.0 - m_options.beta1).sign_();
            if (decay != 0)
                values[i].mul_(1.0 - share * decay);
            values[i].sub_(direction.mul_(share));
            momenta[i].lerp_(gradients[i], weight);
        }
    }

    OptimizerOptions m_options;
    std::vector<ParameterGroup> m_groups;
    std::vector<at::Tensor> m_momenta;  ///< in the order of the groups
};

}

const OptimizerKind& lion()
{
    static const OptimizerKind kind {"lion",
        [](const std::vector<model::Parameter*>& parameters, const OptimizerOptions& options) -> std::unique_ptr<Optimizer> {
            return std::make_unique<Lion>(parameters, options);
        }};
    return kind;
}

}
