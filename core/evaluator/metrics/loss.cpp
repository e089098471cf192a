// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

#include <algorithm>

namespace attune::evaluator {

const Metric& loss()
{
    static const Metric metric {"loss", "Loss", "mean cross-entropy over all trained tokens, in nats (torch cross_entropy)", true,
        [](const Totals& totals) { return totals.lossSum / static_cast<double>(std::max<std::int64_t>(1, totals.targets)); }};
    return metric;
}

}
