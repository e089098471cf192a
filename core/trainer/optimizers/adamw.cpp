// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/adamw.h"
#include "trainer/optimizer.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_sub.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>

namespace attune::trainer {
namespace {

/// AdamW (Loshchilov and Hutter 2019) as torch.optim.AdamW(fused=True) computes it:
/// θ ← θ(1 − lr·wd) − lr · m̂ / (√v̂ + ε), moments in float32.
class AdamW final : public Optimizer
{
public:
    AdamW(const std::vector<model::Parameter*>& parameters, const OptimizerOptions& options)
        : m_options(options)
        , m_groups(groupParameters(parameters, options.weightDecay))
    {
        for (const auto& group : m_groups) {
            auto& state = m_states.emplace_back();
            state.count = at::zeros({}, group.values.front().options().dtype(at::kFloat));
            for (const auto& value : group.values) {
                state.mean.push_back(at::zeros_like(value, at::kFloat));
                state.square.push_back(at::zeros_like(value, at::kFloat));
                state.counts.push_back(state.count);
            }
            for (std::size_t i = 0; i < group.values.size(); ++i)
                state.isOnePass = state.isOnePass && model::kernels::servesAdamw(tensorsOf(group, state, i));
        }
    }

    void step(double learningRate, const at::Tensor& foundInf) override
    {
        for (std::size_t g = 0; g < m_groups.size(); ++g) {
            auto& group = m_groups[g];
            auto& state = m_states[g];
            if (isWaiting(group.firstStep))
                continue;
            // A step that is skipped does not count for the bias correction.
            state.count.add_(1).sub_(foundInf);
            if (state.isOnePass) {
                if (!isKnownBad(foundInf))
                    stepInOnePass(group, state, learningRate);
                continue;
            }
            at::_fused_adamw_(group.values, group.gradients, state.mean, state.square, {}, state.counts,
                learningRate * group.learningRateScale, m_options.beta1, m_options.beta2, group.weightDecay, m_options.epsilon,
                /*amsgrad=*/false, /*maximize=*/false, /*grad_scale=*/{}, foundInf);
        }
        m_gradientScale = 1.0;
    }

    bool scaleGradients(double factor) override
    {
        if (!std::ranges::all_of(m_states, &State::isOnePass))
            return false;
        m_gradientScale = factor;
        return true;
    }

    NamedTensors state() override
    {
        NamedTensors tensors;
        for (std::size_t g = 0; g < m_groups.size(); ++g) {
            tensors.emplace_back("step." + std::to_string(g), m_states[g].count);
            for (std::size_t i = 0; i < m_groups[g].names.size(); ++i) {
                tensors.emplace_back("exp_avg." + m_groups[g].names[i], m_states[g].mean[i]);
                tensors.emplace_back("exp_avg_sq." + m_groups[g].names[i], m_states[g].square[i]);
            }
        }
        return tensors;
    }

private:
    struct State {
        std::vector<at::Tensor> mean, square;  ///< first and second moment of each parameter
        at::Tensor count;                      ///< updates so far, float32 scalar
        std::vector<at::Tensor> counts;        ///< the same tensor once a parameter, as the kernel wants it
        bool isOnePass = true;                 ///< our own kernel serves all of them
    };

    static model::kernels::AdamwTensors tensorsOf(const ParameterGroup& group, const State& state, std::size_t i)
    {
        return {group.values[i], group.gradients[i], state.mean[i], state.square[i], group.parameters[i]->copy};
    }
    void stepInOnePass(ParameterGroup& group, State& state, double learningRate)
    {
        const model::kernels::AdamwRates rates {learningRate * group.learningRateScale, m_options.beta1, m_options.beta2, m_options.epsilon, group.weightDecay};
        const auto count = state.count.item<double>();
        for (std::size_t i = 0; i < group.values.size(); ++i) {
            const auto tensors = tensorsOf(group, state, i);
            model::kernels::adamw(tensors, count, m_gradientScale, rates);
            group.parameters[i]->isCopied = tensors.copy.defined();
        }
    }

    OptimizerOptions m_options;
    std::vector<ParameterGroup> m_groups;
    std::vector<State> m_states;
    double m_gradientScale = 1.0;
};

}

const OptimizerKind& adamw()
{
    static const OptimizerKind kind {"adamw",
        [](const std::vector<model::Parameter*>& parameters, const OptimizerOptions& options) -> std::unique_ptr<Optimizer> {
            return std::make_unique<AdamW>(parameters, options);
        }};
    return kind;
}

}
