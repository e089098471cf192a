// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/optimizer.h"

namespace attune::planner {

const OptimizerFacts& lion()
{
    static const OptimizerFacts facts {
        .id = "lion",
        .displayName = "Lion",
        .sentence = "Follows the sign of the momentum: half of AdamW's state; wants a rate 3 to 10 times lower (Chen et al. 2023).",
        .reference = "arXiv:2302.06675",
        .hfNames = {"lion_32bit", "lion", "lion_8bit"},
        .usesBeta1 = true,
        .usesBeta2 = true,
        .stateBytes = [](std::span<const std::int64_t> shape) { return 4 * valueCount(shape); },  // the momentum in float32
    };
    return facts;
}

}
