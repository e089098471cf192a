// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

namespace attune::evaluator {

/// Pearson's correlation of two equally long lists; NaN where one of them does not vary (as scipy.stats.pearsonr).
double pearsonOf(std::span<const double> x, std::span<const double> y);
/// Spearman's: Pearson's of the ranks, equal values sharing their mean rank (scipy.stats.spearmanr).
double spearmanOf(std::span<const double> x, std::span<const double> y);

}
