// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "evaluator/classes.h"
#include "evaluator/text/words.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attune::evaluator {

/// What the evaluated rows gave; metrics are made from it. Only what the chosen metrics need is filled.
struct Totals {
    double lossSum = 0;          ///< cross-entropies over all targets, in nats (other objectives: their loss over its units)
    std::int64_t targets = 0;    ///< trained tokens, each row's first left out (other objectives: rows or pairs)
    std::int64_t tokens = 0;
    std::int64_t rows = 0;
    std::vector<TextPair> texts;              ///< generated answers
    ClassResults classes;
    std::vector<double> predicted, actual;    ///< numbers of a regression
    std::vector<double> chosenRewards, rejectedRewards;  ///< of preference pairs, in the objective's own units
};

/// What a metric reads.
enum class MetricInput { Loss, Texts, Classes, Numbers, Rewards };

/// One metric, a file of metrics/.
struct Metric {
    std::string id;           ///< recipe: eval.metrics; `eval --metrics`
    std::string displayName;
    std::string reference;    ///< definition or implementation that it equals
    bool isLowerBetter = true;
    /// The value under the metric's own name; NaN where it is undefined.
    double (*value)(const Totals& totals) = nullptr;
    MetricInput input = MetricInput::Loss;
    /// Further values that come with it, by their names ("f1_micro"), each of which can also be asked for alone.
    std::map<std::string, double (*)(const Totals&)> parts {};
};

/// All metrics, sorted by id; generated from metrics/*.cpp.
std::span<const Metric* const> all();
/// By id or by the name of a part.
const Metric* findById(std::string_view id);
/// Errors: Usage for a name that no metric and no part has, with the nearest one.
Status checkNames(const std::vector<std::string>& names);

/// The named metrics of some totals with their parts; unknown names are left out (checked before).
std::map<std::string, double> metricsOf(const Totals& totals, const std::vector<std::string>& names);

}
