// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/virtual_tokens.h"
#include "peft/adapter_io.h"
#include "peft/peft_method.h"
#include "peft/virtual_embeddings.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

namespace attune::peft {
namespace {

using model::Network;

/// The text's tokens, which the engine reads with the model's tokenizer (`init_tokens`), repeated or cut to
/// the number of virtual tokens, as PEFT does.
Result<std::vector<std::int32_t>> textTokens(const Json& values, std::int64_t count)
{
    const auto ids = values.value("init_tokens", std::vector<std::int32_t>());
    if (ids.empty())
        return fail(ErrorCode::RecipeValue, "method.init_text gives no token.", "Write a word or more.");
    std::vector<std::int32_t> tokens;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
        tokens.push_back(ids[i % ids.size()]);
    return tokens;
}

Result<at::Tensor> initialTable(Network& network, const Json& values, std::int64_t count, std::uint64_t seed)
{
    auto generator = at::detail::createCPUGenerator(seed);
    const auto init = values.value("init", "sample_vocab");
    if (init == "random")
        return at::empty({count, network.spec().hiddenSize}).normal_(0, 1, generator).to(network.placement().device);
    if (init == "text") {
        ATTUNE_TRY(const auto tokens, textTokens(values, count));
        return network.embeddingRows(tokens);
    }
    const auto drawn = at::empty({count}, at::kLong).random_(0, network.spec().vocabSize, generator);
    const auto* ids = drawn.data_ptr<std::int64_t>();
    return network.embeddingRows(std::vector<std::int32_t>(ids, ids + count));
}

Status apply(Network& network, const Json& values, std::uint64_t seed)
{
    const at::NoGradGuard noGrad;
    const auto count = methods::virtualTokens(values);
    ATTUNE_TRY(const auto table, initialTable(network, values, count, seed));
    const auto init = values.value("init", "sample_vocab");
    auto config = baseConfig("PROMPT_TUNING", network);
    // A loaded adapter brings its own values, so PEFT needs no text and no tokenizer for it.
    config["prompt_tuning_init"] = init == "random" || init == "text" ? "RANDOM" : "SAMPLE_VOCAB";
    config["prompt_tuning_init_text"] = nullptr;
    config["tokenizer_name_or_path"] = nullptr;
    network.seedDropout(seed);
    setVirtualTokens(network, std::move(config), count, false, std::make_unique<PlainEncoder>(table, true));
    return {};
}

}

const PeftMethod& prompt()
{
    static const PeftMethod method {.id = "prompt", .peftType = "PROMPT_TUNING", .applyTo = apply, .loadInto = loadVirtualTokens};
    return method;
}

}
