// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

#include "evaluator/text/chrf.h"

namespace attune::evaluator {

const Metric& chrf()
{
    static const Metric metric {"chrf", "chrF", "sacreBLEU chrF2, 0 to 100", false,
        [](const Totals& totals) { return corpusChrf(totals.texts); }, MetricInput::Texts};
    return metric;
}

}
