// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/shared_options.h"
#include "methods/virtual_tokens.h"

namespace attune::methods {
namespace {

using families::ModelSpec;
using families::TensorSlot;

Shapes trainedShapes(const ModelSpec& spec, const std::vector<TensorSlot>&, const Values& values)
{
    return {{virtualTokens(values), spec.hiddenSize}};
}

Status check(const ModelSpec& spec, const std::vector<TensorSlot>&, const Values& values)
{
    if (values.value("init", "sample_vocab") == "text" && values.value("init_text", "").empty())
        return fail(ErrorCode::RecipeValue, "method.init is text, but method.init_text is empty.", "Write what the virtual tokens shall start from, such as: Classify the request.");
    return checkVirtualTokens(spec, values);
}

std::vector<Option> options()
{
    return {virtualTokensOption(),
        {.key = "method.init", .type = OptionType::Choice, .defaultValue = "sample_vocab", .label = "Start from",
            .help = "What the virtual tokens are before training.",
            .choices = {{"sample_vocab", "Words of the vocabulary", "Embeddings of tokens drawn at random."},
                {"text", "A text", "The embeddings of the text below, repeated or cut to fit."},
                {"random", "Random numbers", "A standard normal, which lies far from real tokens and learns slowly."}},
            .group = "lora"},
        {.key = "method.init_text", .type = OptionType::Text, .defaultValue = "", .label = "Text to start from",
            .help = "With `Start from` a text: what the virtual tokens say before training.", .group = "lora"}};
}

}

const Method& prompt()
{
    static const Method method {
        .id = "prompt",
        .displayName = "Prompt tuning",
        .sentence = "Trains virtual tokens that are put before every text, and nothing inside the model.",
        .reference = "Lester et al. 2021, arXiv:2104.08691",
        .options = options(),
        .trainedShapes = trainedShapes,
        .canBecome = virtualTokensBecome,
        .check = check,
    };
    return method;
}

}
