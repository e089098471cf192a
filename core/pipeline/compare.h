// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/store.h"

#include <string>
#include <vector>

namespace attune::pipeline {

/// Runs side by side, a column per run in the order given.
struct Comparison {
    struct Row { std::string key; std::vector<Json> values; bool differs() const; };
    struct Curve { std::string run, split, name; std::vector<std::int64_t> steps, tokens; std::vector<double> values; };
    std::vector<std::string> runs;
    std::vector<Row> config;   ///< recipe keys; null where a recipe cannot be read
    std::vector<Row> metrics;  ///< what came out: losses, speed, memory, last and best values
    std::vector<Curve> curves;

    /// The fields of `run compare --json`.
    Json toJson(bool onlyDifferences) const;
};

/// Errors: RunMissing, StoreCorrupt.
Result<Comparison> compareRuns(const store::Store& store, const std::vector<std::string>& runs);

}
