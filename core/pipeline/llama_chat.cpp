// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/llama_chat.h"

#include "base/file.h"
#include "families/adapter.h"
#include "runner/llama_runner.h"
#include "tokenizer/chat_template.h"
#include "tokenizer/tokenizer.h"

#include <fmt/format.h>

#include <unistd.h>

namespace attune::pipeline {
namespace {

/// A file that goes away with the object.
struct TemporaryFile {
    std::string path;
    TemporaryFile() = default;
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile()
    {
        std::error_code ignored;
        if (!path.empty())
            fs::remove(path, ignored);
    }
};

class LlamaChat final : public ChatSession
{
public:
    static Result<std::unique_ptr<ChatSession>> open(const ModelWithAdapter& model, const JobContext& context)
    {
        if (model.model.format != families::ModelFormat::Gguf)
            return fail(ErrorCode::ModelUnsupported, fmt::format("llama.cpp cannot run {}: it is no GGUF file.", model.model.path),
                "Export the run with `attune export gguf`, or use --engine torch.");
        std::unique_ptr<LlamaChat> chat(new LlamaChat);
        runner::RunnerOptions options;
        options.model = model.model.path;
        options.adapter = model.adapter;
        options.adapterScale = model.adapterScale;
        options.threads = model.threads;
        if (!model.adapter.empty() && fs::is_directory(model.adapter)) {
            ATTUNE_TRY(const auto adapter, families::readAdapter(model.adapter, model.model));
            chat->m_adapter.path = (fs::temp_directory_path() / fmt::format("attune-{}-{}.gguf", ::getpid(), static_cast<const void*>(chat.get()))).string();
            constexpr int kF32 = 0;  // ggml's type id
            ATTUNE_RETURN_IF_ERROR(families::writeGgufLora(chat->m_adapter.path, adapter, model.model, kF32));
            options.adapter = chat->m_adapter.path;
        }
        ATTUNE_TRY(chat->m_tokenizer, tokenizer::loadTokenizer(model.model.path));
        if (model.model.hasChatTemplate) {
            ATTUNE_TRY(chat->m_template, tokenizer::loadChatTemplate("model", model.model.path, *chat->m_tokenizer));
        }
        ATTUNE_TRY(auto runner, runner::LlamaRunner::open(options, context));
        chat->m_runner = std::make_unique<runner::LlamaRunner>(std::move(runner));
        return std::unique_ptr<ChatSession>(std::move(chat));
    }

    Result<GenerateReport> generate(const GenerateRequest& request, const JobContext& context) override
    {
        ATTUNE_TRY(const auto ids, promptOf(request));
        const runner::Sampling sampling {request.temperature, request.topP, request.minP, request.repetitionPenalty, request.topK, request.seed};
        ATTUNE_TRY(const auto answer, m_runner->generate(ids, request.maxTokens, sampling, request.onText, context));
        GenerateReport report;
        report.text = answer.text;
        report.tokens = answer.tokens;
        report.promptTokens = answer.promptTokens;
        report.tokensPerSecond = answer.tokensPerSecond;
        report.stopReason = answer.stopReason;
        return report;
    }

    Status setAdapterScale(double scale) override { return m_runner->setAdapterScale(scale); }

private:
    LlamaChat() = default;

    Result<std::vector<std::int32_t>> promptOf(const GenerateRequest& request) const
    {
        if (request.messages.empty())
            return m_tokenizer->encode(request.raw);
        if (!m_template)
            return m_tokenizer->encode(request.messages.back().content);
        tokenizer::Conversation conversation;
        conversation.messages = request.messages;
        conversation.addGenerationPrompt = true;
        ATTUNE_TRY(const auto text, m_template->render(conversation));
        return m_tokenizer->encode(text, tokenizer::SpecialTokens::Omit);
    }

    TemporaryFile m_adapter;
    std::shared_ptr<const tokenizer::Tokenizer> m_tokenizer;
    std::optional<tokenizer::ChatTemplate> m_template;
    std::unique_ptr<runner::LlamaRunner> m_runner;
};

}

Result<std::unique_ptr<ChatSession>> openLlamaChat(const ModelWithAdapter& model, const JobContext& context)
{
    return LlamaChat::open(model, context);
}

}
