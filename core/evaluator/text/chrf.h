// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "evaluator/text/words.h"

#include <span>

namespace attune::evaluator {

/// Corpus chrF2, 0 to 100: F with beta 2 of the averaged precisions and recalls of character runs of 1 to 6,
/// white space left out, case kept (Popovic 2015; sacreBLEU nc:6|nw:0|space:no|eff:yes). 0 without answers.
double corpusChrf(std::span<const TextPair> pairs);

}
