// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/preference.h"

#include "model/network/network.h"

#include <ATen/ATen.h>

namespace attune::trainer {
namespace {

/// log(1 - exp(x)) for x < 0, without cancellation near 0 (Mächler 2012).
at::Tensor log1mexp(const at::Tensor& x)
{
    constexpr double kLogHalf = -0.6931471805599453;
    return at::where(x < kLogHalf, at::log1p(-at::exp(x)), at::log(-at::expm1(x)));
}

/// Cross-entropy on prompt and chosen answer, less beta · log sigmoid of the log odds ratio of the mean probabilities.
class Orpo final : public PairObjective
{
public:
    explicit Orpo(const ObjectiveOptions& options) : m_beta(options.values.value("beta", 0.1)) {}

protected:
    at::Tensor pairLosses(const PairScores& s) override
    {
        const auto chosen = s.chosen / s.chosenTokens.clamp_min(1), rejected = s.rejected / s.rejectedTokens.clamp_min(1);
        return -m_beta * at::log_sigmoid((chosen - rejected) - (log1mexp(chosen) - log1mexp(rejected)));
    }

    PairRewards rewards(const PairScores& s) override
    {
        return {m_beta * s.chosen / s.chosenTokens.clamp_min(1), m_beta * s.rejected / s.rejectedTokens.clamp_min(1)};
    }

    at::Tensor answerLoss(model::Network& network, const model::PackedBatch& batch, const PairScores& s) override
    {
        std::vector<std::int64_t> rows, targets;
        for (std::size_t row = 0; row + 1 < batch.rowSegments.size(); ++row) {
            const auto chosen = static_cast<std::size_t>(batch.rowSegments[row]);
            for (auto t = batch.segments[chosen]; t + 1 < batch.segments[chosen + 1]; ++t) {
                rows.push_back(t);
                targets.push_back(batch.ids[static_cast<std::size_t>(t) + 1]);
            }
        }
        const auto device = network.placement().device;
        const auto places = at::tensor(rows, at::kLong).to(device), ids = at::tensor(targets, at::kLong).to(device);
        return at::cross_entropy_loss(network.logitsOf(s.hidden.index_select(0, places)), ids);
    }

private:
    const double m_beta;
};

}

const ObjectiveKind& orpo()
{
    static const ObjectiveKind kind {"orpo", "arXiv:2403.07691; TRL 1.16 ORPOTrainer",
        [](const ObjectiveOptions& options) -> std::unique_ptr<Objective> { return std::make_unique<Orpo>(options); }, false};
    return kind;
}

}
