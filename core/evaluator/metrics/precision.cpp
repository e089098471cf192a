// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

namespace attune::evaluator {
namespace {

Averages averages(const Totals& totals)
{
    return averagesOf(totals.classes, &ClassCounts::precision);
}

}

const Metric& precision()
{
    static const Metric metric {"precision", "Precision", "macro average over the classes that occur (scikit-learn precision_score)", false,
        [](const Totals& totals) { return averages(totals).macro; }, MetricInput::Classes,
        {{"precision_micro", [](const Totals& totals) { return averages(totals).micro; }}, {"precision_macro", [](const Totals& totals) { return averages(totals).macro; }},
            {"precision_weighted", [](const Totals& totals) { return averages(totals).weighted; }}}};
    return metric;
}

}
