// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/log_probs.h"
#include "trainer/objective.h"
#include "trainer/preference.h"

#include "model/network/label_head.h"
#include "model/network/network.h"

#include <ATen/ATen.h>

namespace attune::trainer {
namespace {

/// -log sigmoid(score of chosen - score of rejected) of the head's one number at each sequence's last token, and where
/// asked for c · (sum of both scores)², which keeps them around zero. As TRL's RewardTrainer.
class Reward final : public PairRows
{
public:
    explicit Reward(const ObjectiveOptions& options) : m_centring(options.values.value("center_rewards_coefficient", 0.0)) {}

    at::Tensor loss(model::Network& network, const model::PackedBatch& batch) override { return lossOf(scoresOf(network, batch)); }

    void measure(model::Network& network, const model::PackedBatch& batch, evaluator::Totals& totals) override
    {
        const auto scores = scoresOf(network, batch);
        totals.lossSum += lossOf(scores).item<double>();
        totals.targets += batch.trained;
        appendRewards(scores, totals);
    }

private:
    static PairRewards scoresOf(model::Network& network, const model::PackedBatch& batch)
    {
        const auto& device = network.placement().device;
        const auto scores = model::labelLogits(network, batch, false).view({-1});
        return {scores.index_select(0, sequencesOfPart(batch, 0, device)), scores.index_select(0, sequencesOfPart(batch, 1, device))};
    }

    at::Tensor lossOf(const PairRewards& scores) const
    {
        auto losses = -at::log_sigmoid(scores.chosen - scores.rejected);
        if (m_centring > 0)
            losses = losses + m_centring * (scores.chosen + scores.rejected).square();
        return losses.sum();
    }

    const double m_centring;
};

}

const ObjectiveKind& reward()
{
    static const ObjectiveKind kind {"reward", "TRL 1.16 RewardTrainer; arXiv:2312.09244",
        [](const ObjectiveOptions& options) -> std::unique_ptr<Objective> { return std::make_unique<Reward>(options); }, true,
        [](const ObjectiveOptions&) { return std::int64_t(1); }};
    return kind;
}

}
