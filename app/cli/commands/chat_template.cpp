// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"
#include "cli/line_mapper.h"

#include "pipeline/model_lookup.h"
#include "tokenizer/render.h"

namespace attune::cli {
namespace {

struct Values {
    std::string model;
    std::string choice = "model";
    std::string trainOn = "completion";
    std::string date;
    bool addsPrompt = false;
};

Error notMessages()
{
    return fail(ErrorCode::FileCorrupt, "The line is no JSON object with an array of \"messages\".",
        "Send one object a line: {\"messages\": [{\"role\": \"user\", \"content\": \"…\"}]}.");
}

Result<tokenizer::Conversation> conversationOf(std::string_view line, bool addsPrompt)
{
    const auto json = parseJson(line);
    if (!json || !json->is_object() || !json->contains("messages") || !(*json)["messages"].is_array())
        return notMessages();
    tokenizer::Conversation conversation;
    for (const auto& entry : (*json)["messages"]) {
        if (!entry.is_object() || !entry.contains("role") || !entry["role"].is_string())
            return notMessages();
        importer::Message message {entry["role"].get<std::string>(), {}, Json::object()};
        for (const auto& [key, value] : entry.items()) {
            if (key == "content" && value.is_string())
                message.content = value.get<std::string>();
            else if (key != "role")
                message.extra[key] = value;
        }
        conversation.messages.push_back(std::move(message));
    }
    conversation.tools = json->value("tools", Json());
    conversation.addGenerationPrompt = addsPrompt;
    return conversation;
}

LineFunction renderLine(const std::shared_ptr<const tokenizer::Tokenizer>& tokenizer, const tokenizer::ChatTemplate& chat, tokenizer::TrainOn trainOn,
    bool addsPrompt)
{
    return [=, &chat](std::string_view line, OutputBuffer& out) -> Status {
        ATTUNE_TRY(const auto conversation, conversationOf(line, addsPrompt));
        ATTUNE_TRY(const auto row, tokenizer::renderConversation(*tokenizer, chat, conversation, trainOn));
        out.append(toLine(Json {{"text", row.text}, {"ids", row.ids}, {"trained", row.trained}}));
        out.append("\n");
        return {};
    };
}

Status runTemplate(Session& session, const Values& values)
{
    tokenizer::TrainOn trainOn {};
    if (!tokenizer::trainOnFromName(values.trainOn, trainOn))
        return fail(ErrorCode::Usage, fmt::format("--train-on {} is unknown.", values.trainOn), "Use completion, assistant or all.");
    ATTUNE_TRY(const auto place, pipeline::findModel([&] { return session.store(); }, values.model));
    ATTUNE_TRY(const auto tokenizer, tokenizer::loadTokenizer(place.path));
    ATTUNE_TRY(const auto chat, tokenizer::loadChatTemplate(values.choice, place.path, *tokenizer, values.date));
    if (!chat)
        return fail(ErrorCode::Usage, "--template none renders nothing.", "Use tokenize for texts without a template.");
    return mapLines(session, [&] { return renderLine(tokenizer, *chat, trainOn, values.addsPrompt); });
}

}

const Command& chat_template()
{
    static const Command command {"template", "Render the conversations of JSON lines with a chat template", [](CLI::App& app) -> Action {
        auto values = std::make_shared<Values>();
        app.add_option("-m,--model", values->model, "Registered model, GGUF file, HF folder or run")->required();
        app.add_option("--template", values->choice, "model, a built-in name such as chatml, or a .jinja file");
        app.add_option("--train-on", values->trainOn, "What is trained: completion, assistant or all");
        app.add_option("--template-date", values->date, "The date that templates print, as 2026-07-26 (else today)");
        app.add_flag("--add-generation-prompt", values->addsPrompt, "End with the beginning of an assistant's turn");
        return [values](Session& session) { return runTemplate(session, *values); };
    }};
    return command;
}

}
