// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

namespace attune::evaluator {
namespace {

Averages averages(const Totals& totals)
{
    return averagesOf(totals.classes, &ClassCounts::recall);
}

}

const Metric& recall()
{
    static const Metric metric {"recall", "Recall", "macro average over the classes that occur (scikit-learn recall_score)", false,
        [](const Totals& totals) { return averages(totals).macro; }, MetricInput::Classes,
        {{"recall_micro", [](const Totals& totals) { return averages(totals).micro; }}, {"recall_macro", [](const Totals& totals) { return averages(totals).macro; }},
            {"recall_weighted", [](const Totals& totals) { return averages(totals).weighted; }}}};
    return metric;
}

}
