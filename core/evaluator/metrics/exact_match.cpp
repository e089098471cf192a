// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

namespace attune::evaluator {

const Metric& exact_match()
{
    static const Metric metric {"exact_match", "Exact match", "share of answers equal to their reference but for white space at both ends", false,
        [](const Totals& totals) {
            double equal = 0;
            for (const auto& pair : totals.texts)
                equal += stripped(pair.prediction) == stripped(pair.reference);
            return totals.texts.empty() ? 0.0 : equal / static_cast<double>(totals.texts.size());
        },
        MetricInput::Texts};
    return metric;
}

}
