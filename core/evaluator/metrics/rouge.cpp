// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

#include "evaluator/text/rouge.h"

namespace attune::evaluator {

const Metric& rouge()
{
    static const Metric metric {"rouge", "ROUGE-L", "mean F-measure of rouge_score's rougeL, without stemming, 0 to 1", false,
        [](const Totals& totals) { return meanRouge(totals.texts).rougeL; }, MetricInput::Texts,
        {{"rouge1", [](const Totals& totals) { return meanRouge(totals.texts).rouge1; }}, {"rouge2", [](const Totals& totals) { return meanRouge(totals.texts).rouge2; }},
            {"rougeL", [](const Totals& totals) { return meanRouge(totals.texts).rougeL; }},
            {"rougeLsum", [](const Totals& totals) { return meanRouge(totals.texts).rougeLsum; }}}};
    return metric;
}

}
