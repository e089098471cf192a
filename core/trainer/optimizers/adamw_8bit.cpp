// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/adamw8.h"
#include "trainer/optimizer.h"

#include <ATen/ops/zeros.h>

namespace attune::trainer {
namespace {

using model::kernels::EightBitMoments;

constexpr std::int64_t kLeastValues = 4096;  // bitsandbytes' min_8bit_size: below, states are small and kept exact

/// Whether a parameter's moments are worth 8 bits; the kernel walks over dense memory.
bool isEightBit(const model::Parameter& parameter)
{
    return parameter.value.numel() >= kLeastValues && parameter.value.is_contiguous() && parameter.grad.is_contiguous();
}

/// AdamW with its moments in 8 bits (Dettmers et al. 2022), 2.03 bytes of state a value; small tensors are left to AdamW.
class AdamW8bit final : public Optimizer
{
public:
    AdamW8bit(const std::vector<model::Parameter*>& parameters, const OptimizerOptions& options)
        : m_options(options)
    {
        std::vector<model::Parameter*> small, large;
        for (auto* parameter : parameters)
            (isEightBit(*parameter) ? large : small).push_back(parameter);
        m_small = findOptimizer("adamw")->make(small, options);
        m_groups = groupParameters(large, options.weightDecay);
        const auto maps = large.empty() ? at::Tensor() : model::kernels::codeMaps(large.front()->value.device());
        for (const auto& group : m_groups) {
            auto& state = m_states.emplace_back();
            state.count = at::zeros({}, group.values.front().options());
            for (const auto& value : group.values)
                state.moments.push_back(EightBitMoments::zeros(value, maps));
        }
    }

    void step(double learningRate, const at::Tensor& foundInf) override
    {
        m_small->setStep(stepsDone());
        m_small->step(learningRate, foundInf);
        for (std::size_t g = 0; g < m_groups.size(); ++g) {
            const auto& group = m_groups[g];
            if (isWaiting(group.firstStep))
                continue;
            m_states[g].count.add_(1).sub_(foundInf);
            for (std::size_t i = 0; i < group.values.size(); ++i)
                model::kernels::adamw8(group.values[i], group.gradients[i], m_states[g].moments[i], m_states[g].count, foundInf,
                    {learningRate * group.learningRateScale, m_options.beta1, m_options.beta2, m_options.epsilon, group.weightDecay});
        }
    }

    NamedTensors state() override
    {
        NamedTensors tensors = m_small->state();
        for (std::size_t g = 0; g < m_groups.size(); ++g) {
            tensors.emplace_back("step_8bit." + std::to_string(g), m_states[g].count);
            for (std::size_t i = 0; i < m_groups[g].names.size(); ++i) {
                const auto& name = m_groups[g].names[i];
                const auto& moments = m_states[g].moments[i];
                tensors.emplace_back("exp_avg_8bit." + name, moments.mean);
                tensors.emplace_back("exp_avg_absmax." + name, moments.meanScale);
                tensors.emplace_back("exp_avg_sq_8bit." + name, moments.square);
                tensors.emplace_back("exp_avg_sq_absmax." + name, moments.squareScale);
            }
        }
        return tensors;
    }

private:
    struct State {
        std::vector<EightBitMoments> moments;
        at::Tensor count;  ///< updates so far, float32 scalar
    };
    OptimizerOptions m_options;
    std::unique_ptr<Optimizer> m_small;
    std::vector<ParameterGroup> m_groups;
    std::vector<State> m_states;
};

}

const OptimizerKind& adamw_8bit()
{
    static const OptimizerKind kind {"adamw_8bit",
        [](const std::vector<model::Parameter*>& parameters, const OptimizerOptions& options) -> std::unique_ptr<Optimizer> {
            return std::make_unique<AdamW8bit>(parameters, options);
        }};
    return kind;
}

}
