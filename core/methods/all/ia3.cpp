// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/shared_options.h"

namespace attune::methods {
namespace {

using families::ModelSpec;
using families::TensorSlot;

/// One factor per output of a target, per input where it is a feed-forward module.
Shapes trainedShapes(const ModelSpec&, const std::vector<TensorSlot>& slots, const Values& values)
{
    Shapes shapes = shapesOf(savedSlots(slots, values));
    for (const auto& slot : adaptedSlots(slots, values))
        shapes.push_back({slot.shape[isFeedForward(slot, values) ? 1 : 0]});
    return shapes;
}

/// What is scaled, before and after, in float32, and once in between.
std::int64_t keptPerToken(const ModelSpec& spec, const std::vector<TensorSlot>&, const Values&)
{
    return 12 * (2 * spec.kvWidth() + spec.intermediateSize);
}

std::string canBecome(const ModelSpec& spec, const Values&)
{
    return "A PEFT adapter, or " + mergedForms(spec) + ". No GGUF adapter: llama.cpp knows no IA3.";
}

Status check(const ModelSpec& spec, const std::vector<TensorSlot>& slots, const Values& values)
{
    ATTUNE_TRY(const auto targets, targetSlots(slots, values.value("target_modules", Json("all-linear"))));
    for (const auto& slot : targets)
        if (slot.role == families::Role::Embedding)
            return fail(ErrorCode::RecipeValue, "method.target_modules names an embedding, which IA3 cannot scale.", "Name linear layers such as k_proj, v_proj and down_proj.");
    return checkTargets(spec, slots, values);
}

std::vector<Option> options()
{
    return {targetsOption(),
        {.key = "method.feedforward_modules", .type = OptionType::List, .defaultValue = Json::array({"auto"}), .label = "Scaled at the input",
            .help = "Those of the layers whose inputs are scaled instead of their outputs: auto is the second layer of every MLP, as in the paper.",
            .choices = {{"auto", "Second MLP layer", "down_proj and its like."}}, .group = "lora", .isExpert = true},
        savedModulesOption()};
}

}

const Method& ia3()
{
    static const Method method {
        .id = "ia3",
        .displayName = "IA3",
        .sentence = "Trains one factor per output of the chosen layers: the fewest values of all, good for small sets and many variants.",
        .reference = "Liu et al. 2022, arXiv:2205.05638",
        .options = options(),
        .trainedShapes = trainedShapes,
        .keptPerToken = keptPerToken,
        .canBecome = canBecome,
        .check = check,
    };
    return method;
}

}
