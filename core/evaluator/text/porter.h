// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace attune::evaluator {

/// The stem of a lower-case word of ASCII letters and digits: M. F. Porter, "An algorithm for suffix
/// stripping" (1980), with the extensions of NLTK's default mode, which rouge_score uses.
std::string porterStem(const std::string& word);

}
