// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/preference.h"

#include <ATen/ATen.h>

namespace attune::trainer {
namespace {

/// -log sigmoid(beta · (mean log-probability of chosen - of rejected) - gamma): no reference model.
class SimPo final : public PairObjective
{
public:
    explicit SimPo(const ObjectiveOptions& options)
        : m_beta(options.values.value("beta", 0.1))
        , m_gamma(options.values.value("simpo_gamma", 0.5))
        , m_smoothing(options.values.value("label_smoothing", 0.0))
        , m_alpha(options.values.value("cpo_alpha", 0.0))
    {
    }

protected:
    at::Tensor pairLosses(const PairScores& s) override
    {
        const auto r = rewards(s);
        const auto margin = r.chosen - r.rejected - m_gamma;
        return -at::log_sigmoid(margin) * (1 - m_smoothing) - at::log_sigmoid(-margin) * m_smoothing;
    }
    PairRewards rewards(const PairScores& s) override
    {
        return {m_beta * s.chosen / s.chosenTokens.clamp_min(1), m_beta * s.rejected / s.rejectedTokens.clamp_min(1)};
    }
    at::Tensor answerLoss(model::Network&, const model::PackedBatch&, const PairScores& s) override
    {
        // The mean over all tokens of the chosen answers.
        return m_alpha > 0 ? -m_alpha * s.chosen.sum() / s.chosenTokens.sum() : at::Tensor();
    }

private:
    const double m_beta, m_gamma, m_smoothing, m_alpha;
};

}

const ObjectiveKind& simpo()
{
    static const ObjectiveKind kind {"simpo", "arXiv:2405.14734; TRL 1.16 CPOTrainer, loss_type simpo",
        [](const ObjectiveOptions& options) -> std::unique_ptr<Objective> { return std::make_unique<SimPo>(options); }, false};
    return kind;
}

}
