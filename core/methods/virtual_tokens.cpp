// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/virtual_tokens.h"

#include <fmt/format.h>

namespace attune::methods {

std::int64_t virtualTokens(const Values& values)
{
    return values.value("num_virtual_tokens", std::int64_t(20));
}

std::int64_t encoderWidth(const Values& values, std::int64_t tokenWidth)
{
    const auto width = values.find("encoder_hidden_size");
    return width != values.end() && width->is_number_integer() ? width->get<std::int64_t>() : tokenWidth;
}

Status checkVirtualTokens(const families::ModelSpec& spec, const Values& values)
{
    if (spec.kind == families::Architecture::EncoderDecoder)
        return fail(ErrorCode::RecipeConflict, "Virtual tokens are not possible with an encoder-decoder model here.", "Use LoRA or IA3.");
    if (spec.embeddingSize > 0)
        return fail(ErrorCode::RecipeConflict, fmt::format("The model's embeddings are {} wide and its layers {}, so virtual tokens fit neither.", spec.embeddingSize, spec.hiddenSize), "Use LoRA or IA3.");
    if (const auto count = virtualTokens(values); spec.contextLength > 0 && count >= spec.contextLength)
        return fail(ErrorCode::RecipeValue, fmt::format("method.num_virtual_tokens is {}, but the model takes {} tokens in all.", count, spec.contextLength), "Use fewer virtual tokens.");
    return {};
}

std::string virtualTokensBecome(const families::ModelSpec&, const Values&)
{
    return "A PEFT adapter only. Virtual tokens cannot be merged into weights, and llama.cpp knows none.";
}

}
