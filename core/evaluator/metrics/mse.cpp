// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

#include <cmath>

namespace attune::evaluator {

const Metric& mse()
{
    static const Metric metric {"mse", "Mean squared error", "scikit-learn mean_squared_error", true,
        [](const Totals& totals) {
            double sum = 0;
            for (std::size_t i = 0; i < totals.actual.size(); ++i)
                sum += (totals.predicted[i] - totals.actual[i]) * (totals.predicted[i] - totals.actual[i]);
            return totals.actual.empty() ? 0.0 : sum / static_cast<double>(totals.actual.size());
        },
        MetricInput::Numbers};
    return metric;
}

}
