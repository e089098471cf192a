// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/shared_options.h"

namespace attune::methods {
namespace {

using families::ModelSpec;
using families::TensorSlot;

Shapes trainedShapes(const ModelSpec&, const std::vector<TensorSlot>& slots, const Values& values)
{
    return lowRankShapes(slots, values);
}

bool fitsDecoder(const Values& values)
{
    return !savesModules(values) && values.value("init_lora_weights", "default") != "pissa";
}

/// A product keeps its input; that of B is a row of the rank.
std::int64_t keptPerToken(const ModelSpec& spec, const std::vector<TensorSlot>& slots, const Values& values)
{
    return keptOfTargets(spec, slots, values, 0);
}

std::string canBecome(const ModelSpec& spec, const Values& values)
{
    if (!hasGguf(spec) || savesModules(values))
        return "A PEFT adapter, or " + mergedForms(spec) + ".";
    return "A PEFT adapter, a GGUF adapter for llama.cpp, or " + mergedForms(spec) + ".";
}

Status check(const ModelSpec& spec, const std::vector<TensorSlot>& slots, const Values& values)
{
    return checkTargets(spec, slots, values);
}

std::vector<Option> options()
{
    auto all = lowRankOptions();
    const auto behind = std::find_if(all.begin(), all.end(), [](const Option& option) { return option.key == "method.use_rslora"; });
    all.insert(behind + 1,
        {.key = "method.init_lora_weights", .type = OptionType::Choice, .defaultValue = "default", .label = "Initial values",
            .help = "What the adapter starts from. With all of them the fresh adapter changes nothing.",
            .choices = {{"default", "Kaiming", "A uniform, B zero, as in PEFT."}, {"gaussian", "Gaussian", "A normal with deviation 1 / r, B zero."},
                {"pissa", "PiSSA", "The largest singular directions of the weight (Meng et al. 2024). Saved as a plain LoRA of twice the rank."}},
            .group = "lora", .isExpert = true});
    return all;
}

}

const Method& lora()
{
    static const Method method {
        .id = "lora",
        .displayName = "LoRA",
        .sentence = "Freezes the model and trains small matrices beside its layers: little memory, and the result is a small file.",
        .reference = "Hu et al. 2021, arXiv:2106.09685",
        .options = options(),
        .trainsBase = false,
        .trainedShapes = trainedShapes,
        .fitsDecoder = fitsDecoder,
        .keptPerToken = keptPerToken,
        .canBecome = canBecome,
        .check = check,
    };
    return method;
}

}
