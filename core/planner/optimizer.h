// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace attune::planner {

/// One optimizer as data: what the form shows, what the forecast counts and what other programs call it.
/// core/trainer/optimizers holds the file of the same stem that applies it; a test compares the two lists.
struct OptimizerFacts {
    std::string id {};           ///< recipe: training.optimizer
    std::string displayName {};
    std::string sentence {};     ///< what it does and what it costs, for the picker
    std::string reference {};
    std::vector<std::string> hfNames {};  ///< `optim` of Transformers: the first is written, all are read
    std::string lighter {};      ///< id of the one that does the same with less memory; empty: none does
    bool usesBeta1 = false, usesBeta2 = false, usesEpsilon = false;  ///< which of the recipe's adam_* it reads
    /// Bytes of what it remembers about a tensor of this shape, beside the float32 master and gradient.
    std::int64_t (*stateBytes)(std::span<const std::int64_t> shape) = nullptr;
};

/// All optimizers, sorted by id; generated from optimizers/*.cpp.
std::span<const OptimizerFacts* const> optimizerFacts();
const OptimizerFacts* findOptimizerFacts(std::string_view id);
/// The optimizer that another program's name means ("paged_adamw_32bit", "lion_8bit"); null when none does.
const OptimizerFacts* optimizerOfHfName(std::string_view name);

/// The number of values in a tensor.
std::int64_t valueCount(std::span<const std::int64_t> shape);

}
