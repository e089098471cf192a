// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/optimizer.h"

namespace attune::planner {

const OptimizerFacts& adamw()
{
    static const OptimizerFacts facts {
        .id = "adamw",
        .displayName = "AdamW",
        .sentence = "Adam with decoupled weight decay (Loshchilov and Hutter 2019); 8 bytes of state for each trained value.",
        .reference = "arXiv:1711.05101",
        .hfNames = {"adamw_torch_fused", "adamw_torch", "adamw_hf", "adamw_32bit"},
        .lighter = "adamw_8bit",
        .usesBeta1 = true,
        .usesBeta2 = true,
        .usesEpsilon = true,
        .stateBytes = [](std::span<const std::int64_t> shape) { return 8 * valueCount(shape); },  // both moments in float32
    };
    return facts;
}

}
