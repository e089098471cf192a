// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/shared_options.h"

namespace attune::methods {
namespace {

using families::ModelSpec;
using families::TensorSlot;

Shapes trainedShapes(const ModelSpec&, const std::vector<TensorSlot>& slots, const Values&)
{
    return shapesOf(normSlots(slots));
}

std::string canBecome(const ModelSpec& spec, const Values&)
{
    return "A PEFT adapter, or " + mergedForms(spec) + ". No GGUF adapter: one holds no norms.";
}

Status check(const ModelSpec&, const std::vector<TensorSlot>& slots, const Values&)
{
    if (normSlots(slots).empty())
        return fail(ErrorCode::RecipeConflict, "\"Norms\" trains the weights of norms, and this model's norms have none.", "Use LoRA.");
    return {};
}

}

const Method& layernorm()
{
    static const Method method {
        .id = "layernorm",
        .displayName = "Norms",
        .sentence = "Trains the weights of the norms alone: very few values that every token passes through.",
        .reference = "Zhao et al. 2023, arXiv:2312.11420",
        .options = {},
        .trainedShapes = trainedShapes,
        .canBecome = canBecome,
        .check = check,
    };
    return method;
}

}
