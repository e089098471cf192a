// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/shared_options.h"

namespace attune::methods {
namespace {

Shapes trainedShapes(const families::ModelSpec&, const std::vector<families::TensorSlot>& slots, const Values&)
{
    return shapesOf(slots);
}

std::string canBecome(const families::ModelSpec& spec, const Values&)
{
    return hasGguf(spec) ? "A safetensors folder, a GGUF file or an Ollama model. No adapter: the whole model changes, and every copy has its full size."
                         : "A safetensors folder. No adapter: the whole model changes, and every copy has its full size.";
}

}

const Method& full()
{
    static const Method method {
        .id = "full",
        .displayName = "All weights",
        .sentence = "Trains every weight of the model: the most memory, and room to learn more than an adapter can.",
        .reference = "Full fine-tuning with AdamW",
        .options = {},
        .trainsBase = true,
        .savesModel = true,
        .canQuantise = false,
        .lighter = "lora",
        .trainedShapes = trainedShapes,
        .fitsDecoder = [](const Values&) { return true; },
        .canBecome = canBecome,
    };
    return method;
}

}
