// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/chat_session.h"

#include "engine/load.h"
#include "model/errors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>

namespace attune::engine {

namespace {

/// The length of text without a UTF-8 character that is still incomplete at its end.
std::size_t wholeCharacters(const std::string& text)
{
    for (std::size_t back = 1; back <= std::min<std::size_t>(4, text.size()); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xC0) == 0x80)
            continue;
        const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
        return length > back ? text.size() - back : text.size();
    }
    return text.size();
}

}

Continuation continueText(model::CausalLm& model, std::span<const std::int32_t> prompt, std::int64_t maxTokens, const model::SamplerOptions& sampling,
    const std::vector<std::int32_t>& endTokens, const JobContext& context, const std::function<void(std::int32_t)>& onToken)
{
    Continuation result;
    result.stopReason = "length";
    if (maxTokens <= 0)
        return result;
    const auto cache = model.newCache(static_cast<std::int64_t>(prompt.size()) + maxTokens);
    model::Sampler sampler(sampling);
    std::vector<std::int32_t> seen(prompt.begin(), prompt.end());
    auto logits = model.forward(prompt, *cache);
    while (static_cast<std::int64_t>(result.ids.size()) < maxTokens) {
        if (context.isCancelled()) {
            result.stopReason = "stopped";
            return result;
        }
        const auto id = sampler.next(logits, seen);
        if (std::ranges::find(endTokens, id) != endTokens.end()) {
            result.stopReason = "end";
            return result;
        }
        result.ids.push_back(id);
        seen.push_back(id);
        onToken(id);
        if (static_cast<std::int64_t>(result.ids.size()) < maxTokens)
            logits = model.forward(std::span(&id, 1), *cache);
    }
    return result;
}

Result<std::unique_ptr<pipeline::ChatSession>> ChatSession::open(const pipeline::ModelWithAdapter& model, const JobContext& context)
{
    ATTUNE_TRY(const auto head, headOf(model));
    if (head.isThere())
        return fail(ErrorCode::Unsupported, fmt::format("{} answers with {}, it does not write text.", model.model.name,
            head.problemType == "regression" ? "a number" : "labels"), "`attune eval` measures it on a dataset, `attune logits` gives its scores.");
    if (model.model.spec.kind == families::Architecture::Encoder)
        return fail(ErrorCode::Unsupported, fmt::format("{} is an encoder: it reads text and does not write any.", model.model.name), "`attune logits` gives its hidden states.");
    auto session = std::make_unique<ChatSession>();
    ATTUNE_TRY(session->m_tokenizer, tokenizer::loadTokenizer(model.model.path));
    if (model.model.hasChatTemplate) {
        ATTUNE_TRY(session->m_template, tokenizer::loadChatTemplate("model", model.model.path, *session->m_tokenizer));
    }
    ATTUNE_TRY(session->m_model, loadForUse(model, context));
    return std::unique_ptr<pipeline::ChatSession>(std::move(session));
}

Result<std::vector<std::int32_t>> ChatSession::promptOf(const pipeline::GenerateRequest& request) const
{
    if (request.messages.empty())
        return m_tokenizer->encode(request.raw + request.prefix, tokenizer::SpecialTokens::Add);
    if (!m_template) {
        // A model without a template continues a lone prompt; a conversation needs one.
        if (request.messages.size() == 1)
            return m_tokenizer->encode(request.messages.front().content + request.prefix, tokenizer::SpecialTokens::Add);
        return fail(ErrorCode::TemplateMissing, "The model has no chat template, so it cannot read a conversation.", "Send one prompt, or choose a chat model.");
    }
    ATTUNE_TRY(const auto text, m_template->render({request.messages, Json(), true}));
    return m_tokenizer->encode(text + request.prefix, tokenizer::SpecialTokens::Omit);
}

/// The likeliest next tokens with their probabilities, from a row of logits.
std::vector<pipeline::TokenChoice> ChatSession::likeliest(const at::Tensor& logits, int count) const
{
    const auto probabilities = logits.reshape({-1}).to(at::kFloat).softmax(0);
    const auto [values, ids] = probabilities.topk(std::min<std::int64_t>(count, probabilities.size(0)));
    const auto v = values.to(at::kCPU).contiguous(), i = ids.to(at::kCPU).contiguous();
    std::vector<pipeline::TokenChoice> choices;
    for (std::int64_t at = 0; at < v.size(0); ++at) {
        const auto id = static_cast<std::int32_t>(i[at].item<std::int64_t>());
        choices.push_back({m_tokenizer->decode(std::span(&id, 1), false), v[at].item<double>()});
    }
    return choices;
}

Result<pipeline::GenerateReport> ChatSession::generate(const pipeline::GenerateRequest& request, const JobContext& context)
{
    return model::guarded([&]() -> Result<pipeline::GenerateReport> {
        ATTUNE_TRY(const auto prompt, promptOf(request));
        if (prompt.empty())
            return fail(ErrorCode::Usage, "The prompt is empty.", "Write something for the model to answer.");
        pipeline::GenerateReport report;
        if (request.alternatives > 0) {
            const auto cache = m_model->newCache(static_cast<std::int64_t>(prompt.size()));
            report.next = likeliest(m_model->forward(prompt, *cache), request.alternatives);
        }
        const model::SamplerOptions sampling {request.temperature, request.topK, request.topP, request.minP, request.repetitionPenalty, request.seed};
        std::string pending;
        const auto begin = std::chrono::steady_clock::now();
        const auto result = continueText(*m_model, prompt, request.maxTokens, sampling, m_tokenizer->endOfGeneration(), context, [&](std::int32_t id) {
            if (!request.onText || m_tokenizer->isSpecial(id))
                return;
            pending += m_tokenizer->piece(id);
            if (const auto whole = wholeCharacters(pending); whole > 0) {
                request.onText(pending.substr(0, whole));
                pending.erase(0, whole);
            }
        });
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
        report.text = m_tokenizer->decode(result.ids, true);
        report.tokens = static_cast<std::int64_t>(result.ids.size());
        report.promptTokens = static_cast<std::int64_t>(prompt.size());
        report.tokensPerSecond = static_cast<double>(report.tokens) / std::max(seconds.count(), 1e-9);
        report.stopReason = result.stopReason;
        return report;
    });
}

Status ChatSession::setAdapterScale(double scale)
{
    return model::guarded([&]() -> Status {
        m_model->setAdapterScale(scale);
        return {};
    });
}

}
