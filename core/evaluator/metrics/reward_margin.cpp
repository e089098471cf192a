// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

#include <numeric>

namespace attune::evaluator {
namespace {

double mean(const std::vector<double>& values)
{
    return values.empty() ? 0.0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}

const Metric& reward_margin()
{
    static const Metric metric {"reward_margin", "Reward margin", "mean reward of the chosen less that of the rejected answers (TRL rewards/margins)", false,
        [](const Totals& totals) { return mean(totals.chosenRewards) - mean(totals.rejectedRewards); }, MetricInput::Rewards,
        {{"reward_chosen", [](const Totals& totals) { return mean(totals.chosenRewards); }},
            {"reward_rejected", [](const Totals& totals) { return mean(totals.rejectedRewards); }}}};
    return metric;
}

}
