// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

#include "evaluator/correlation.h"

namespace attune::evaluator {

const Metric& pearson()
{
    static const Metric metric {"pearson", "Pearson correlation", "scipy.stats.pearsonr", false,
        [](const Totals& totals) { return pearsonOf(totals.predicted, totals.actual); }, MetricInput::Numbers};
    return metric;
}

}
