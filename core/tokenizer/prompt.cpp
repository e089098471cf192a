// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/prompt.h"

namespace attune::tokenizer {
namespace {

using importer::Message;
using importer::Record;

bool isAssistant(const Message& message)
{
    return message.role == "assistant" || message.role == "model" || message.role == "gpt";
}

}

Result<std::vector<Message>> promptMessages(const Record& record, std::string& answer)
{
    std::vector<Message> messages;
    if (record.kind == Record::Kind::Labelled) {
        answer = record.label;
        if (!record.system.empty())
            messages.push_back({"system", record.system, nullptr});
        messages.push_back({"user", record.text, nullptr});
        return messages;
    }
    if (record.kind == Record::Kind::Preference && !record.messages.empty()) {
        messages = record.messages;
        answer = record.chosen;
        return messages;
    }
    if (record.kind != Record::Kind::PromptCompletion && record.kind != Record::Kind::Conversation && record.kind != Record::Kind::Preference)
        return fail(ErrorCode::RoleMissing, "The row has no prompt with an answer.", "Check the mapping of the columns.");
    messages = record.conversation();
    while (!messages.empty() && !isAssistant(messages.back()))
        messages.pop_back();
    if (messages.size() < 2)
        return fail(ErrorCode::RoleMissing, "The row has no assistant turn behind a prompt.", "Check the mapping of the columns.");
    answer = std::move(messages.back().content);
    messages.pop_back();
    return messages;
}

Result<std::vector<std::int32_t>> promptIds(const Tokenizer& tokenizer, const ChatTemplate* chat, const std::vector<Message>& messages, const Json& tools,
    bool joinsSystem)
{
    if (chat) {
        ATTUNE_TRY(const auto text, chat->render({messages, tools, true}));
        return tokenizer.encode(text, SpecialTokens::Omit);  // templates write the start token themselves
    }
    std::vector<std::int32_t> ids;
    if (tokenizer.addsStartToken() && tokenizer.startToken() >= 0)
        ids.push_back(tokenizer.startToken());
    // A lone prompt is one text with its system line; turns of a conversation are tokenised apart, as in training.
    if (messages.size() == 2 && messages.front().role == "system" && joinsSystem) {
        tokenizer.encode(messages.front().content + "\n\n" + messages.back().content, SpecialTokens::Omit, ids);
        return ids;
    }
    for (const auto& message : messages) {
        tokenizer.encode(message.content, SpecialTokens::Omit, ids);
        if (isAssistant(message) && tokenizer.endToken() >= 0)
            ids.push_back(tokenizer.endToken());
    }
    return ids;
}

Result<PromptAndAnswer> promptOf(const Tokenizer& tokenizer, const ChatTemplate* chat, const Record& record)
{
    PromptAndAnswer result;
    ATTUNE_TRY(const auto messages, promptMessages(record, result.answer));
    ATTUNE_TRY(result.ids, promptIds(tokenizer, chat, messages, record.tools, record.kind != Record::Kind::Conversation));
    if (result.ids.empty())
        return fail(ErrorCode::RoleMissing, "The row's prompt is empty.", "Check the mapping of the columns.");
    return result;
}

}
