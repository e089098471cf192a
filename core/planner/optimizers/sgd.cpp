// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/optimizer.h"

namespace attune::planner {

const OptimizerFacts& sgd()
{
    static const OptimizerFacts facts {
        .id = "sgd",
        .displayName = "SGD",
        .sentence = "Plain gradient descent; no extra memory, needs another learning rate.",
        .reference = "Robbins and Monro 1951",
        .hfNames = {"sgd"},
        .stateBytes = [](std::span<const std::int64_t>) { return std::int64_t(0); },
    };
    return facts;
}

}
