// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

#include <algorithm>

namespace attune::evaluator {

const Metric& reward_accuracy()
{
    static const Metric metric {"reward_accuracy", "Reward accuracy", "share of pairs whose chosen answer has the higher reward (TRL rewards/accuracies)", false,
        [](const Totals& totals) {
            double right = 0;
            for (std::size_t i = 0; i < std::min(totals.chosenRewards.size(), totals.rejectedRewards.size()); ++i)
                right += totals.chosenRewards[i] > totals.rejectedRewards[i];
            return totals.chosenRewards.empty() ? 0.0 : right / static_cast<double>(totals.chosenRewards.size());
        },
        MetricInput::Rewards};
    return metric;
}

}
