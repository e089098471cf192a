// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attune::evaluator {

/// Sums over the evaluated rows that metrics are made from.
struct Totals {
    double lossSum = 0;          ///< cross-entropies over all targets, in nats
    std::int64_t targets = 0;    ///< trained tokens, each row's first left out
    std::int64_t tokens = 0;
    std::int64_t rows = 0;
};

/// One metric, a file of metrics/.
struct Metric {
    std::string id;           ///< recipe: eval.metrics; `eval --metrics`
    std::string displayName;
    std::string reference;
    bool isLowerBetter = true;
    double (*value)(const Totals& totals) = nullptr;
};

/// All metrics, sorted by id; generated from metrics/*.cpp.
std::span<const Metric* const> all();
const Metric* findById(std::string_view id);

/// The named metrics of some totals; unknown names are left out (checked before).
std::map<std::string, double> metricsOf(const Totals& totals, const std::vector<std::string>& names);

}
