// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

#include <algorithm>
#include <cmath>

namespace attune::evaluator {

const Metric& perplexity()
{
    static const Metric metric {"perplexity", "Perplexity", "exp of the mean cross-entropy over all trained tokens", true,
        [](const Totals& totals) { return std::exp(totals.lossSum / static_cast<double>(std::max<std::int64_t>(1, totals.targets))); }};
    return metric;
}

}
