// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/shared_options.h"

namespace attune::methods {
namespace {

using families::ModelSpec;
using families::TensorSlot;

/// LoRA's matrices and a magnitude per output.
std::int64_t trainableParameters(const ModelSpec&, const std::vector<TensorSlot>& slots, const Values& values)
{
    std::int64_t count = lowRankCount(slots, values);
    const auto saved = savedSlots(slots, values);
    if (const auto targets = targetSlots(slots, values.value("target_modules", Json("all-linear"))))
        for (const auto& slot : *targets)
            if (std::none_of(saved.begin(), saved.end(), [&](const TensorSlot& s) { return s.name == slot.name; }))
                count += slot.shape[slot.role == families::Role::Embedding ? 1 : 0];
    return count;
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
        .trainableParameters = trainableParameters,
        .canBecome = canBecome,
        .check = check,
    };
    return method;
}

}
