// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/schema/sections.h"

#include "methods/method.h"

namespace attune::pipeline::schema {
namespace {

/// The methods of the recipe's contract in the order of its page; those without a file in
/// core/methods/all are known and said to come later.
struct Known { const char* id; const char* label; const char* help; };
constexpr Known kKnown[] = {
    {"full", "All weights", "Trains every weight of the model."},
    {"freeze", "Some layers", "Trains the last layers and freezes the others."},
    {"lora", "LoRA", "Adds small trained matrices to frozen layers."},
    {"dora", "DoRA", "LoRA with a trained length per output (Liu et al. 2024)."},
    {"ia3", "IA3", "Trains one factor per key, value and hidden unit (Liu et al. 2022)."},
    {"bottleneck", "Bottleneck adapters", "Small trained layers after each block (Houlsby et al. 2019)."},
    {"prompt", "Prompt tuning", "Trains virtual tokens before the text (Lester et al. 2021)."},
    {"prefix", "Prefix tuning", "Trains keys and values before the text (Li and Liang 2021)."},
    {"p_tuning", "P-tuning", "Virtual tokens from a small network (Liu et al. 2021)."},
    {"bitfit", "BitFit", "Trains biases only (Ben Zaken et al. 2022)."},
    {"layernorm", "Norms", "Trains the weights of the norms only."},
    {"vera", "VeRA", "Shared random matrices with trained scales (Kopiczko et al. 2024)."},
};

std::vector<OptionChoice> choices()
{
    std::vector<OptionChoice> result;
    for (const auto& known : kKnown)
        if (!methods::findById(known.id))
            result.push_back({.value = known.id, .label = known.label, .help = known.help, .isAvailable = false});
        else if (const auto* method = methods::findById(known.id))
            result.push_back({.value = method->id, .label = method->displayName, .help = method->sentence, .isAvailable = method->isAvailable});
    return result;
}

/// Several methods may share a row ("target_modules"): it appears once and is visible for all of them.
void addMethodOptions(std::vector<Option>& options, const methods::Method& method)
{
    for (Option option : method.options) {
        const auto same = std::find_if(options.begin(), options.end(), [&](const Option& o) { return o.key == option.key; });
        if (same != options.end()) {
            same->visibleValues.push_back(method.id);
            continue;
        }
        option.visibleKey = "method.type";
        option.visibleValues = {method.id};
        options.push_back(std::move(option));
    }
}

}

std::vector<Option> methodOptions()
{
    std::vector<Option> options {
        {.key = "method.type", .type = OptionType::Choice, .defaultValue = "lora", .label = "Method",
            .help = "How the model is changed: all its weights, or a small part added to it that needs far less memory.", .choices = choices(),
            .group = "essentials"}};
    for (const methods::Method* method : methods::all())
        addMethodOptions(options, *method);
    return options;
}

}
