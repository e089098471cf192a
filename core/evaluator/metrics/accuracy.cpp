// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

namespace attune::evaluator {

const Metric& accuracy()
{
    static const Metric metric {"accuracy", "Accuracy", "share of rows with the right class (scikit-learn accuracy_score)", false,
        [](const Totals& totals) { return accuracyOf(totals.classes); }, MetricInput::Classes};
    return metric;
}

}
