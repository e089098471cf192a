// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

#include "evaluator/text/bleu.h"

namespace attune::evaluator {

const Metric& bleu()
{
    static const Metric metric {"bleu", "BLEU", "sacreBLEU corpus BLEU, tokenizer 13a, exp smoothing, 0 to 100", false,
        [](const Totals& totals) { return corpusBleu(totals.texts); }, MetricInput::Texts};
    return metric;
}

}
