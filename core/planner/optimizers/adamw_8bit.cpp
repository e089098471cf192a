// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/optimizer.h"

namespace attune::planner {
namespace {

constexpr std::int64_t kBlock = 256, kLeastValues = 4096;  // bitsandbytes: blocksize, min_8bit_size

/// A byte of each moment and two float32 scales a block; small tensors keep both moments in float32.
std::int64_t stateBytes(std::span<const std::int64_t> shape)
{
    const std::int64_t count = valueCount(shape);
    return count < kLeastValues ? 8 * count : 2 * count + 8 * ((count + kBlock - 1) / kBlock);
}

}

const OptimizerFacts& adamw_8bit()
{
    static const OptimizerFacts facts {
        .id = "adamw_8bit",
        .displayName = "AdamW, 8-bit",
        .sentence = "AdamW that remembers in 8 bits: a quarter of the state, the same settings (Dettmers et al. 2022).",
        .reference = "arXiv:2110.02861",
        .hfNames = {"adamw_8bit", "adamw_bnb_8bit", "adamw_torch_8bit"},
        .usesBeta1 = true,
        .usesBeta2 = true,
        .usesEpsilon = true,
        .stateBytes = stateBytes,
    };
    return facts;
}

}
