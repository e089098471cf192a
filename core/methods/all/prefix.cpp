// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/shared_options.h"
#include "methods/virtual_tokens.h"

namespace attune::methods {
namespace {

using families::ModelSpec;
using families::TensorSlot;

/// Keys and values of each layer [P, 2 L w]; with a projection Embedding(P, w), Linear(w, h), tanh, Linear(h, 2 L w),
/// w being the width of all key heads.
Shapes trainedShapes(const ModelSpec& spec, const std::vector<TensorSlot>&, const Values& values)
{
    const std::int64_t width = spec.kvWidth(), tokens = virtualTokens(values), out = 2 * spec.layers * width;
    if (!values.value("projection", false))
        return {{tokens, out}};
    const std::int64_t hidden = encoderWidth(values, width);
    return {{tokens, width}, {hidden, width}, {hidden}, {out, hidden}, {out}};
}

Status check(const ModelSpec& spec, const std::vector<TensorSlot>&, const Values& values)
{
    if (spec.kind == families::Architecture::Encoder)
        return fail(ErrorCode::RecipeConflict, "Prefix tuning puts keys and values before a decoder's text; this model is an encoder.", "Use prompt, lora or ia3.");
    return checkVirtualTokens(spec, values);
}

std::vector<Option> options()
{
    return {virtualTokensOption(),
        {.key = "method.projection", .type = OptionType::Boolean, .defaultValue = false, .label = "Through a network",
            .help = "Makes the prefix with a small network while training, which is steadier (Li and Liang 2021). Only its output is kept.",
            .group = "lora"},
        encoderSizeOption()};
}

}

const Method& prefix()
{
    static const Method method {
        .id = "prefix",
        .displayName = "Prefix tuning",
        .sentence = "Trains keys and values that every layer sees before the text: stronger than virtual tokens at the input.",
        .reference = "Li and Liang 2021, arXiv:2101.00190",
        .options = options(),
        .keepsTape = true,
        .trainedShapes = trainedShapes,
        .canBecome = virtualTokensBecome,
        .check = check,
    };
    return method;
}

}
