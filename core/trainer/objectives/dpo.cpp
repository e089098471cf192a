// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/preference.h"

#include <ATen/ATen.h>

#include <cmath>

namespace attune::trainer {
namespace {

using at::log_sigmoid;
using at::sigmoid;

/// -log sigmoid(beta · margin) and its kin, by TRL's loss_type; formulas as in TRL 1.16 (and the papers it names).
class Dpo final : public PairObjective
{
public:
    explicit Dpo(const ObjectiveOptions& options)
        : m_beta(options.values.value("beta", 0.1))
        , m_smoothing(options.values.value("label_smoothing", 0.0))
        , m_type(options.values.value("loss_type", "sigmoid"))
    {
    }

protected:
    bool needsReference() const override { return true; }

    at::Tensor pairLosses(const PairScores& s) override
    {
        const auto margin = m_beta * s.margin(), chosen = m_beta * s.chosenRatio, rejected = m_beta * s.rejectedRatio;
        if (m_type == "hinge")
            return at::relu(1.0 - margin);
        if (m_type == "robust")
            return (-(1 - m_smoothing) * log_sigmoid(margin) + m_smoothing * log_sigmoid(-margin)) / (1 - 2 * m_smoothing);
        if (m_type == "nca_pair")
            return -log_sigmoid(chosen) - 0.5 * log_sigmoid(-chosen) - 0.5 * log_sigmoid(-rejected);
        if (m_type == "bco_pair")
            return -log_sigmoid(chosen) - log_sigmoid(-rejected);
        if (m_type == "sppo_hard")
            return (s.chosenRatio - 0.5 / m_beta).square() + (s.rejectedRatio + 0.5 / m_beta).square();
        if (m_type == "apo_zero")
            return 1 - sigmoid(chosen) + sigmoid(rejected);
        if (m_type == "apo_down")
            return sigmoid(chosen) + 1 - sigmoid(margin);
        return rarePairLosses(s, margin);
    }

    PairRewards rewards(const PairScores& s) override { return {m_beta * s.chosenRatio, m_beta * s.rejectedRatio}; }

private:
    at::Tensor rarePairLosses(const PairScores& s, const at::Tensor& margin) const
    {
        if (m_type == "exo_pair") {
            const double certain = std::log1p(-m_smoothing), swapped = std::log(std::max(m_smoothing, 1e-3));
            return sigmoid(margin) * (log_sigmoid(margin) - certain) + sigmoid(-margin) * (log_sigmoid(-margin) - swapped);
        }
        if (m_type == "discopop") {
            constexpr double kTau = 0.05;
            const auto share = sigmoid(margin / kTau);
            return -log_sigmoid(margin) * (1 - share) + at::exp(-margin) * share;
        }
        if (m_type == "sigmoid_norm")
            return -log_sigmoid(m_beta * (s.chosenRatio / s.chosenTokens.clamp_min(1) - s.rejectedRatio / s.rejectedTokens.clamp_min(1)));
        return -log_sigmoid(margin);
    }

    const double m_beta, m_smoothing;
    const std::string m_type;
};

}

const ObjectiveKind& dpo()
{
    static const ObjectiveKind kind {"dpo", "arXiv:2305.18290; TRL 1.16 DPOTrainer",
        [](const ObjectiveOptions& options) -> std::unique_ptr<Objective> { return std::make_unique<Dpo>(options); }};
    return kind;
}

}
