// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attune::trainer {

/// The recipe's part that an objective reads, as plain values.
struct ObjectiveOptions {
    Json values = Json::object();     ///< objective.* of the recipe by name: {"beta": 0.1, …}
    std::vector<std::string> labels;  ///< classes in their order
    bool isMultiLabel = false;
    double labelSmoothing = 0;        ///< training.label_smoothing
    std::uint64_t seed = 42;
    std::int64_t batchSize = 8;       ///< rows of a micro-batch (KTO groups rows by it)
    std::int32_t maskToken = -1;      ///< of the tokenizer; -1: none
    std::int32_t vocabSize = 0;
};

}
