// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/shared_options.h"

namespace attune::methods {
namespace {

using families::ModelSpec;
using families::TensorSlot;

/// LoRA's matrices and a magnitude per output.
Shapes trainedShapes(const ModelSpec&, const std::vector<TensorSlot>& slots, const Values& values)
{
    Shapes shapes = lowRankShapes(slots, values);
    for (const auto& slot : adaptedSlots(slots, values))
        shapes.push_back({slot.shape[slot.role == families::Role::Embedding ? 1 : 0]});
    return shapes;
}

/// Inputs, and what the weight and the matrices gave, which the magnitudes' gradients need.
std::int64_t keptPerToken(const ModelSpec& spec, const std::vector<TensorSlot>& slots, const Values& values)
{
    return keptOfTargets(spec, slots, values, 2);
}

std::string canBecome(const ModelSpec& spec, const Values&)
{
    return "A PEFT adapter, or " + mergedForms(spec) + ". No GGUF adapter: llama.cpp knows no DoRA.";
}

Status check(const ModelSpec& spec, const std::vector<TensorSlot>& slots, const Values& values)
{
    return checkTargets(spec, slots, values);
}

}

const Method& dora()
{
    static const Method method {
        .id = "dora",
        .displayName = "DoRA",
        .sentence = "LoRA that also trains the length of every output's weights: often a little better at low ranks, and slower.",
        .reference = "Liu et al. 2024, arXiv:2402.09353",
        .options = lowRankOptions(),
        .trainedShapes = trainedShapes,
        .keptPerToken = keptPerToken,
        .canBecome = canBecome,
        .check = check,
    };
    return method;
}

}
