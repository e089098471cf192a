// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/causal_lm.h"
#include "model/sampler.h"
#include "pipeline/engine.h"
#include "tokenizer/chat_template.h"
#include "tokenizer/tokenizer.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace attune::engine {

/// Continues ids token by token. onToken sees each new token (the end token not) and returns false to stop.
struct Continuation { std::vector<std::int32_t> ids; std::string stopReason; };  ///< "end" "length" "stopped"
Continuation continueText(model::CausalLm& model, std::span<const std::int32_t> prompt, std::int64_t maxTokens, const model::SamplerOptions& sampling,
    const std::vector<std::int32_t>& endTokens, const JobContext& context, const std::function<void(std::int32_t)>& onToken);

/// Engine::openChat: a loaded model, its tokenizer and its chat template.
class ChatSession final : public pipeline::ChatSession
{
public:
    /// Errors: those of loading model, adapter, tokenizer and template. A model without a template
    /// answers raw text only.
    static Result<std::unique_ptr<pipeline::ChatSession>> open(const pipeline::ModelWithAdapter& model, const JobContext& context);

    Result<pipeline::GenerateReport> generate(const pipeline::GenerateRequest& request, const JobContext& context) override;
    Status setAdapterScale(double scale) override;

private:
    std::vector<pipeline::TokenChoice> likeliest(const at::Tensor& logits, int count) const;
    Result<std::vector<std::int32_t>> promptOf(const pipeline::GenerateRequest& request) const;

    std::unique_ptr<model::CausalLm> m_model;
    std::shared_ptr<const tokenizer::Tokenizer> m_tokenizer;
    std::optional<tokenizer::ChatTemplate> m_template;
};

}
