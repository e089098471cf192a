// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "evaluator/text/words.h"

#include <span>

namespace attune::evaluator {

/// F-measures, 0 to 1.
struct Rouge {
    double rouge1 = 0, rouge2 = 0, rougeL = 0, rougeLsum = 0;
};

/// Of one answer (Lin 2004, as rouge_score has it): words are lower-case ASCII letters and digits; rouge1 and 2 count
/// common runs of words, L the longest common subsequence, Lsum that of lines against all lines of the other text.
Rouge rougeOf(const TextPair& pair, bool usesStemmer);

/// Plain means over all answers; zeros without any.
Rouge meanRouge(std::span<const TextPair> pairs, bool usesStemmer = false);

}
