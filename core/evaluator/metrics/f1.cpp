// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

namespace attune::evaluator {
namespace {

Averages averages(const Totals& totals)
{
    return averagesOf(totals.classes, &ClassCounts::f1);
}

}

const Metric& f1()
{
    static const Metric metric {"f1", "F1", "macro average over the classes that occur (scikit-learn f1_score)", false,
        [](const Totals& totals) { return averages(totals).macro; }, MetricInput::Classes,
        {{"f1_micro", [](const Totals& totals) { return averages(totals).micro; }}, {"f1_macro", [](const Totals& totals) { return averages(totals).macro; }},
            {"f1_weighted", [](const Totals& totals) { return averages(totals).weighted; }}}};
    return metric;
}

}
