// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/shared_options.h"

#include <fmt/format.h>

namespace attune::methods {
namespace {

using families::ModelSpec;
using families::TensorSlot;

Shapes trainedShapes(const ModelSpec& spec, const std::vector<TensorSlot>& slots, const Values& values)
{
    return shapesOf(unfrozenSlots(spec, slots, values));
}

/// Only what lies above the lowest trained weight; norms and embeddings reach down to the input.
std::int64_t tapedLayers(const ModelSpec& spec, const Values& values)
{
    if (values.value("train_embeddings", false) || values.value("train_norms", false))
        return spec.layers;
    return std::min(spec.layers, values.value("train_layers", std::int64_t(2)));
}

std::string canBecome(const ModelSpec& spec, const Values&)
{
    return hasGguf(spec) ? "A safetensors folder, a GGUF file or an Ollama model. No adapter: every copy has the model's full size."
                         : "A safetensors folder. No adapter: every copy has the model's full size.";
}

Status check(const ModelSpec& spec, const std::vector<TensorSlot>& slots, const Values& values)
{
    if (const auto layers = values.value("train_layers", std::int64_t(2)); layers > spec.layers)
        return fail(ErrorCode::RecipeValue, fmt::format("method.train_layers is {}, but the model has {} layers.", layers, spec.layers), "Train fewer layers, or use the method full.");
    if (unfrozenSlots(spec, slots, values).empty())
        return fail(ErrorCode::RecipeValue, "method.train_layers is 0 and neither embeddings nor norms are trained: nothing would change.", "Train at least one layer.");
    return {};
}

std::vector<Option> options()
{
    return {
        {.key = "method.train_layers", .type = OptionType::Integer, .defaultValue = 2, .label = "Trained layers",
            .help = "How many layers are trained, counted from the output. The others stay as they are.", .unit = "layers", .minimum = 0,
            .maximum = 10000, .group = "essentials", .typical = "2 to a quarter of the layers"},
        {.key = "method.train_embeddings", .type = OptionType::Boolean, .defaultValue = false, .label = "Train embeddings",
            .help = "Trains the token embeddings and the head too; for new words or another language.", .group = "lora"},
        {.key = "method.train_norms", .type = OptionType::Boolean, .defaultValue = false, .label = "Train norms",
            .help = "Trains the norms of all layers too; few values that shift the whole model.", .group = "lora"},
        {.key = "method.unfreeze_every_steps", .type = OptionType::Integer, .defaultValue = 0, .label = "Unfreeze every",
            .help = "Starts with the last layer alone and adds the one below it after so many steps, until all chosen layers train "
                    "(Howard and Ruder 2018). 0 trains them all from the start.",
            .unit = "steps", .minimum = 0, .maximum = 1e9, .group = "lora", .isExpert = true},
        {.key = "method.layer_lr_decay", .type = OptionType::Number, .defaultValue = 1.0, .label = "Learning rate by layer",
            .help = "Each layer learns this many times as fast as the one above it; the head has the full rate, the embeddings the lowest. "
                    "1 treats all alike.",
            .minimum = 0.0, .maximum = 1.0, .minimumIsExclusive = true, .group = "lora", .typical = "0.8 to 1", .isExpert = true},
    };
}

}

const Method& freeze()
{
    static const Method method {
        .id = "freeze",
        .displayName = "Some layers",
        .sentence = "Trains the last layers and leaves the others as they are: less memory than all weights, and general knowledge below is kept.",
        .reference = "Howard and Ruder 2018, arXiv:1801.06146",
        .options = options(),
        .savesModel = true,
        .canQuantise = false,
        .trainedShapes = trainedShapes,
        .tapedLayers = tapedLayers,
        .canBecome = canBecome,
        .check = check,
    };
    return method;
}

}
