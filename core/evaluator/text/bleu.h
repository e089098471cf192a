// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "evaluator/text/words.h"

#include <span>

namespace attune::evaluator {

/// The words of mteval-v13a's tokenizer (sacreBLEU's default "13a").
std::vector<std::u32string> words13a(std::string_view text);

/// Corpus BLEU-4, 0 to 100: clipped n-gram precisions of all answers together, brevity penalty, "exp" smoothing;
/// sacreBLEU's nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp (Post 2018; Papineni et al. 2002). 0 without answers.
double corpusBleu(std::span<const TextPair> pairs);

}
