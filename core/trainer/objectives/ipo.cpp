// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/preference.h"

#include <ATen/ATen.h>

namespace attune::trainer {
namespace {

/// (mean margin - 1 / (2 beta))², with log-ratios averaged over an answer's tokens, as TRL has it.
class Ipo final : public PairObjective
{
public:
    explicit Ipo(const ObjectiveOptions& options) : m_beta(options.values.value("beta", 0.1)) {}

protected:
    bool needsReference() const override { return true; }
    at::Tensor pairLosses(const PairScores& s) override
    {
        const auto margin = s.chosenRatio / s.chosenTokens.clamp_min(1) - s.rejectedRatio / s.rejectedTokens.clamp_min(1);
        return (margin - 1 / (2 * m_beta)).square();
    }
    PairRewards rewards(const PairScores& s) override { return {m_beta * s.chosenRatio, m_beta * s.rejectedRatio}; }

private:
    const double m_beta;
};

}

const ObjectiveKind& ipo()
{
    static const ObjectiveKind kind {"ipo", "arXiv:2310.12036; TRL 1.16 DPOTrainer, loss_type ipo",
        [](const ObjectiveOptions& options) -> std::unique_ptr<Objective> { return std::make_unique<Ipo>(options); }};
    return kind;
}

}
