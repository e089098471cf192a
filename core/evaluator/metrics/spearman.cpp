// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

#include "evaluator/correlation.h"

namespace attune::evaluator {

const Metric& spearman()
{
    static const Metric metric {"spearman", "Spearman correlation", "scipy.stats.spearmanr", false,
        [](const Totals& totals) { return spearmanOf(totals.predicted, totals.actual); }, MetricInput::Numbers};
    return metric;
}

}
