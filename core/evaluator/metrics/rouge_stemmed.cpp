// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

#include "evaluator/text/rouge.h"

namespace attune::evaluator {

const Metric& rouge_stemmed()
{
    static const Metric metric {"rouge_stemmed", "ROUGE-L, stemmed", "mean F-measure of rouge_score's rougeL with its Porter stemmer, 0 to 1", false,
        [](const Totals& totals) { return meanRouge(totals.texts, true).rougeL; }, MetricInput::Texts,
        {{"rouge1_stemmed", [](const Totals& totals) { return meanRouge(totals.texts, true).rouge1; }},
            {"rouge2_stemmed", [](const Totals& totals) { return meanRouge(totals.texts, true).rouge2; }},
            {"rougeL_stemmed", [](const Totals& totals) { return meanRouge(totals.texts, true).rougeL; }},
            {"rougeLsum_stemmed", [](const Totals& totals) { return meanRouge(totals.texts, true).rougeLsum; }}}};
    return metric;
}

}
