// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/shared_options.h"

#include <fmt/format.h>

namespace attune::methods {
namespace {

using families::ModelSpec;
using families::TensorSlot;

/// down [h/f, h] with bias and up [h, h/f] with bias, one per layer, two with the placement houlsby.
Shapes trainedShapes(const ModelSpec& spec, const std::vector<TensorSlot>&, const Values& values)
{
    const std::int64_t width = bottleneckWidth(spec, values), hidden = spec.hiddenSize;
    const std::int64_t adapters = spec.layers * (values.value("placement", "pfeiffer") == "houlsby" ? 2 : 1);
    Shapes shapes;
    for (std::int64_t i = 0; i < adapters; ++i)
        shapes.insert(shapes.end(), {{width, hidden}, {width}, {hidden, width}, {hidden}});
    return shapes;
}

std::string canBecome(const ModelSpec&, const Values&)
{
    return "An adapter folder as the library `adapters` reads it. Its layers cannot be merged into weights, and llama.cpp knows none.";
}

Status check(const ModelSpec& spec, const std::vector<TensorSlot>&, const Values& values)
{
    if (spec.kind == families::Architecture::EncoderDecoder)
        return fail(ErrorCode::RecipeConflict, "Bottleneck adapters are not possible with an encoder-decoder model here.", "Use LoRA or IA3.");
    if (const auto factor = values.value("reduction_factor", 16.0); factor > static_cast<double>(spec.hiddenSize))
        return fail(ErrorCode::RecipeValue, fmt::format("method.reduction_factor is {:g}, but the model is only {} wide.", factor, spec.hiddenSize), "Use a smaller factor, such as 16.");
    return {};
}

std::vector<Option> options()
{
    return {
        {.key = "method.reduction_factor", .type = OptionType::Number, .defaultValue = 16.0, .label = "Reduction",
            .help = "How many times narrower than the model the adapter's middle is. Less can learn more and takes more memory.", .minimum = 1.0,
            .maximum = 65536.0, .group = "essentials", .typical = "2 to 64"},
        {.key = "method.placement", .type = OptionType::Choice, .defaultValue = "pfeiffer", .label = "Placement",
            .help = "Where the small layers sit.",
            .choices = {{"pfeiffer", "After the MLP", "One adapter per layer with ReLU (Pfeiffer et al. 2021)."},
                {"houlsby", "After attention and MLP", "Two adapters per layer with SiLU (Houlsby et al. 2019)."},
                {"parallel", "Beside the MLP", "One adapter that reads what the MLP reads, scaled by 4 (He et al. 2022)."}},
            .group = "lora"}};
}

}

const Method& bottleneck()
{
    static const Method method {
        .id = "bottleneck",
        .displayName = "Bottleneck adapters",
        .sentence = "Adds small trained layers to every block of the frozen model.",
        .reference = "Houlsby et al. 2019, arXiv:1902.00751; Pfeiffer et al. 2021, arXiv:2005.00247; He et al. 2022, arXiv:2110.04366",
        .options = options(),
        .trainedShapes = trainedShapes,
        .canBecome = canBecome,
        .check = check,
    };
    return method;
}

}
