// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/shared_options.h"

namespace attune::methods {
namespace {

using families::ModelSpec;
using families::TensorSlot;

Shapes trainedShapes(const ModelSpec&, const std::vector<TensorSlot>& slots, const Values&)
{
    return shapesOf(biasSlots(slots));
}

std::string canBecome(const ModelSpec& spec, const Values&)
{
    return "A PEFT adapter, or " + mergedForms(spec) + ". No GGUF adapter: one holds no biases.";
}

Status check(const ModelSpec&, const std::vector<TensorSlot>& slots, const Values&)
{
    if (biasSlots(slots).empty())
        return fail(ErrorCode::RecipeConflict, "BitFit trains biases, and this model has none.", "Use layernorm, ia3 or lora.");
    return {};
}

}

const Method& bitfit()
{
    static const Method method {
        .id = "bitfit",
        .displayName = "BitFit",
        .sentence = "Trains the biases alone, for models that have them: tiny and steady.",
        .reference = "Ben Zaken et al. 2022, arXiv:2106.10199",
        .options = {},
        .trainedShapes = trainedShapes,
        .canBecome = canBecome,
        .check = check,
    };
    return method;
}

}
