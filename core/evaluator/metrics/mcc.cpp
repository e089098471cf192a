// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

namespace attune::evaluator {

const Metric& mcc()
{
    static const Metric metric {"mcc", "Matthews correlation", "scikit-learn matthews_corrcoef", false,
        [](const Totals& totals) { return matthewsOf(totals.classes); }, MetricInput::Classes};
    return metric;
}

}
