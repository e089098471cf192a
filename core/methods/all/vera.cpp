// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/shared_options.h"

namespace attune::methods {
namespace {

using families::ModelSpec;
using families::TensorSlot;

/// lambda_d [r] and lambda_b [out] of each target; the shared random matrices stay as they are.
Shapes trainedShapes(const ModelSpec&, const std::vector<TensorSlot>& slots, const Values& values)
{
    Shapes shapes = shapesOf(savedSlots(slots, values));
    for (const auto& slot : adaptedSlots(slots, values)) {
        shapes.push_back({values.value("r", std::int64_t(16))});
        shapes.push_back({slot.shape[0]});
    }
    return shapes;
}

std::int64_t keptPerToken(const ModelSpec& spec, const std::vector<TensorSlot>& slots, const Values& values)
{
    return keptOfTargets(spec, slots, values, 0);
}

std::string canBecome(const ModelSpec& spec, const Values&)
{
    return "A PEFT adapter, or " + mergedForms(spec) + ". No GGUF adapter: its matrices are as large as the model's layers are wide.";
}

Status check(const ModelSpec& spec, const std::vector<TensorSlot>& slots, const Values& values)
{
    ATTUNE_TRY(const auto targets, targetSlots(slots, values.value("target_modules", Json("all-linear"))));
    for (const auto& slot : targets)
        if (slot.role == families::Role::Embedding)
            return fail(ErrorCode::RecipeValue, "method.target_modules names an embedding, which VeRA cannot change.", "Name linear layers such as q_proj.");
    return checkTargets(spec, slots, values);
}

std::vector<Option> options()
{
    return {rankOption(), targetsOption(),
        {.key = "method.vera_dropout", .type = OptionType::Number, .defaultValue = 0.0, .label = "Dropout",
            .help = "The share of the adapter's inputs that is left out at random while training.", .minimum = 0.0, .maximum = 0.95, .group = "lora"},
        {.key = "method.d_initial", .type = OptionType::Number, .defaultValue = 0.1, .label = "First scale",
            .help = "What the scales between the two random matrices start at.", .minimum = 0.0, .maximum = 10.0, .minimumIsExclusive = true,
            .group = "lora", .typical = "0.1 or less", .isExpert = true},
        {.key = "method.projection_prng_key", .type = OptionType::Integer, .defaultValue = 0, .label = "Key of the matrices",
            .help = "The number that the shared random matrices are drawn from.", .minimum = 0, .maximum = 2147483647, .group = "lora",
            .isExpert = true},
        {.key = "method.save_projection", .type = OptionType::Boolean, .defaultValue = true, .label = "Save the matrices",
            .help = "Writes the random matrices into the adapter, so that every system reads the same. Without them the file is far smaller.",
            .group = "lora", .isExpert = true},
        savedModulesOption()};
}

}

const Method& vera()
{
    static const Method method {
        .id = "vera",
        .displayName = "VeRA",
        .sentence = "Trains only scales between random matrices that all layers share: a tenth of LoRA's values or less.",
        .reference = "Kopiczko et al. 2024, arXiv:2310.11454",
        .options = options(),
        .trainedShapes = trainedShapes,
        .keptPerToken = keptPerToken,
        .canBecome = canBecome,
        .check = check,
    };
    return method;
}

}
