// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "base/file.h"
#include "pipeline/engine.h"
#include "pipeline/llama_chat.h"
#include "pipeline/model_lookup.h"

namespace attune::cli {
namespace {

struct Values {
    std::string model, adapter, checkpoint, prompt, raw, messages, dtype = "auto", device = "auto", engine = "auto";
    double adapterScale = 1.0;
    int threads = 0;
    bool continuesPrompt = false;  ///< --raw without a text of its own: --prompt is continued
    pipeline::GenerateRequest request;
};

/// A JSON file with a list of messages, or an object with "messages".
Result<std::vector<importer::Message>> readMessages(const std::string& path)
{
    ATTUNE_TRY(const auto json, readJsonFile(path));
    const Json list = json.is_object() ? json.value("messages", Json()) : json;
    std::vector<importer::Message> messages;
    for (const auto& item : list) {
        if (!item.is_object() || !item.value("role", Json()).is_string() || !item.value("content", Json()).is_string())
            return fail(ErrorCode::FileCorrupt, fmt::format("{}: a message needs a role and a content.", path), "Write [{\"role\": \"user\", \"content\": \"…\"}].");
        messages.push_back({item["role"], item["content"], Json()});
    }
    if (!list.is_array() || messages.empty())
        return fail(ErrorCode::FileCorrupt, fmt::format("{} holds no messages.", path), "Write [{\"role\": \"user\", \"content\": \"…\"}].");
    return messages;
}

Status setPrompt(const Values& values, pipeline::GenerateRequest& request)
{
    const int ways = !values.prompt.empty() + !values.raw.empty() + !values.messages.empty();
    if (ways != 1)
        return fail(ErrorCode::Usage, "generate takes exactly one of --prompt, --messages and --raw.", "Give the text to answer with --prompt.");
    request.raw = values.continuesPrompt ? values.prompt : values.raw;
    if (!values.prompt.empty() && !values.continuesPrompt)
        request.messages = {{"user", values.prompt, Json()}};
    if (!values.messages.empty()) {
        ATTUNE_TRY(request.messages, readMessages(values.messages));
    }
    return {};
}

void addSampling(CLI::App& app, pipeline::GenerateRequest& request)
{
    app.add_option("--max-tokens", request.maxTokens, "New tokens at most")->capture_default_str()->check(CLI::Range(1, 1'000'000));
    app.add_option("--temperature", request.temperature, "0 takes the likeliest token")->capture_default_str()->check(CLI::Range(0.0, 100.0));
    app.add_option("--top-k", request.topK, "Draw from the k likeliest; 0 = all")->check(CLI::NonNegativeNumber);
    app.add_option("--top-p", request.topP, "Draw from the likeliest with this total probability")->check(CLI::Range(0.0, 1.0));
    app.add_option("--min-p", request.minP, "Leave out tokens below this share of the likeliest")->check(CLI::Range(0.0, 1.0));
    app.add_option("--repetition-penalty", request.repetitionPenalty, "Above 1 avoids tokens seen before")->check(CLI::PositiveNumber);
    app.add_option("--seed", request.seed, "Seed of the draws");
}

/// auto is our own engine, which trains and answers with the same numbers.
Result<std::unique_ptr<pipeline::ChatSession>> openChat(const pipeline::ModelWithAdapter& model, const std::string& engineName, const JobContext& context)
{
    if (engineName == "llama")
        return pipeline::openLlamaChat(model, context);
    ATTUNE_TRY(auto* engine, pipeline::openEngine());
    return engine->openChat(model, context);
}

Status generateText(Session& session, const Values& values)
{
    auto request = values.request;
    ATTUNE_RETURN_IF_ERROR(setPrompt(values, request));
    const auto openStore = [&] { return session.store(); };
    ATTUNE_TRY(const auto place, pipeline::findModel(openStore, values.model, values.checkpoint));
    pipeline::ModelWithAdapter model {{}, place.adapter, values.adapterScale, values.dtype, values.device, values.threads};
    ATTUNE_TRY(model.model, families::openModel(place.path));
    if (!values.adapter.empty()) {
        ATTUNE_TRY(model.adapter, pipeline::findAdapter(openStore, values.adapter, values.checkpoint));
    }
    ATTUNE_TRY(const auto chat, openChat(model, values.engine, session.context()));
    const bool isStreaming = !session.isJson();
    if (isStreaming)
        request.onText = [&](const std::string& text) { session.out() << text << std::flush; };
    ATTUNE_TRY(const auto report, chat->generate(request, session.context()));
    const Json json {{"text", report.text}, {"tokens", report.tokens}, {"tokens_per_second", report.tokensPerSecond},
        {"prompt_tokens", report.promptTokens}, {"stop_reason", report.stopReason}};
    session.print(json, "\n");
    return {};
}

}

const Command& generate()
{
    static const Command command {"generate", "Let a model answer a prompt", [](CLI::App& app) -> Action {
        auto values = std::make_shared<Values>();
        app.add_option("-m,--model", values->model, "Registered model, GGUF file, HF folder or run")->required();
        app.add_option("--adapter", values->adapter, "PEFT folder, GGUF adapter or run");
        app.add_option("--adapter-scale", values->adapterScale, "Strength of the adapter: 0 = base, 1 = as trained")->capture_default_str();
        app.add_option("--checkpoint", values->checkpoint, "Of a run: best, last or a step");
        app.add_option("--prompt", values->prompt, "One user turn; plain text where the model has no chat template");
        app.add_option("--messages", values->messages, "JSON file with a conversation");
        auto* raw = app.add_option("--raw", values->raw, "Text to continue, without the chat template; alone: continue --prompt")->expected(0, 1);
        app.add_option("--dtype", values->dtype, "auto, float32, bfloat16 or float16")->capture_default_str();
        app.add_option("--device", values->device, "auto, cpu or cuda:N")->capture_default_str();
        app.add_option("--threads", values->threads, "CPU threads; 0 = all");
        app.add_option("--engine", values->engine, "auto, torch or llama")->check(CLI::IsMember({"auto", "torch", "llama"}));
        addSampling(app, values->request);
        return [values, raw](Session& session) {
            values->continuesPrompt = raw->count() > 0 && values->raw.empty();
            return generateText(session, *values);
        };
    }};
    return command;
}

}
