// SPDX-License-Identifier: GPL-3.0-or-later
#include "importer/record.h"

#include "importer/roles.h"

namespace attune::importer {
namespace {

/// ShareGPT and its kin name the speakers in their own ways.
std::string speaker(std::string_view name)
{
    if (name == "human" || name == "user" || name == "prompter")
        return "user";
    if (name == "gpt" || name == "assistant" || name == "chatgpt" || name == "bot" || name == "model" || name == "bing" || name == "bard" || name == "function_call")
        return "assistant";
    if (name == "tool" || name == "function" || name == "observation" || name == "function_response" || name == "ipython")
        return "tool";
    return std::string(name);
}

/// Content may be text, null, or a list of parts of which the texts count.
std::string contentOf(const Json& value)
{
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_null())
        return {};
    if (!value.is_array())
        return toLine(value);
    std::string text;
    for (const auto& part : value) {
        if (part.is_string())
            text += part.get<std::string>();
        else if (part.is_object() && part.contains("text") && part["text"].is_string())
            text += part["text"].get<std::string>();
    }
    return text;
}

Message toMessage(const Json& value)
{
    Message message;
    for (const auto& [key, field] : value.items()) {
        if ((key == "role" || key == "from") && message.role.empty() && field.is_string())
            message.role = speaker(field.get<std::string>());
        else if (key == "content" || key == "value")
            message.content = contentOf(field);
        else
            message.extra[key] = field;
    }
    return message;
}

std::string textOf(const Row& row, const std::vector<Column>& columns, ColumnRole role)
{
    const int column = columnOf(columns, role);
    return column < 0 ? std::string() : std::string(plainText(row[static_cast<std::size_t>(column)]));
}

Json jsonOf(const Row& row, const std::vector<Column>& columns, ColumnRole role)
{
    const int column = columnOf(columns, role);
    if (column < 0)
        return nullptr;
    Json value = toJson(row[static_cast<std::size_t>(column)]);
    if (value.is_string())  // some datasets keep JSON as text
        if (auto parsed = parseJson(value.get<std::string>()); parsed && parsed->is_array())
            return *parsed;
    return value;
}

/// Chosen and rejected may be whole conversations: the last answer counts, what leads to it is the prompt.
std::string lastAnswer(const Json& value, std::vector<Message>* before)
{
    if (!value.is_array())
        return contentOf(value);
    auto messages = toMessages(value);
    if (messages.empty())
        return {};
    std::string answer = std::move(messages.back().content);
    messages.pop_back();
    if (before)
        *before = std::move(messages);
    return answer;
}

bool has(const std::vector<Column>& columns, ColumnRole role)
{
    return columnOf(columns, role) >= 0;
}

void fillConversation(Record& record, const Row& row, const std::vector<Column>& columns)
{
    record.messages = toMessages(jsonOf(row, columns, ColumnRole::Messages));
    const bool hasSystem = !record.messages.empty() && record.messages.front().role == "system";
    if (!record.system.empty() && !hasSystem)
        record.messages.insert(record.messages.begin(), Message {"system", record.system, nullptr});
    record.kind = record.messages.empty() ? Record::Kind::Empty : Record::Kind::Conversation;
}

void fillPreference(Record& record, const Row& row, const std::vector<Column>& columns)
{
    record.chosen = lastAnswer(jsonOf(row, columns, ColumnRole::Chosen), &record.messages);
    record.rejected = lastAnswer(jsonOf(row, columns, ColumnRole::Rejected), nullptr);
    if (record.prompt.empty() && !record.messages.empty() && record.messages.back().role == "user")
        record.prompt = record.messages.back().content;
    record.kind = record.chosen.empty() && record.rejected.empty() ? Record::Kind::Empty : Record::Kind::Preference;
}

}

std::vector<Message> Record::conversation() const
{
    if (kind == Kind::Conversation)
        return messages;
    std::vector<Message> all;
    if (!system.empty())
        all.push_back({"system", system, nullptr});
    all.push_back({"user", prompt, nullptr});
    all.push_back({"assistant", kind == Kind::Preference ? chosen : completion, nullptr});
    return all;
}

std::vector<Message> toMessages(const Json& list)
{
    std::vector<Message> messages;
    if (!list.is_array())
        return messages;
    for (const auto& value : list)
        if (value.is_object())
            messages.push_back(toMessage(value));
    return messages;
}

bool hasConversation(const std::vector<Column>& columns)
{
    return has(columns, ColumnRole::Messages) || has(columns, ColumnRole::Chosen)
        || (has(columns, ColumnRole::Prompt) && has(columns, ColumnRole::Completion));
}

Record toRecord(const Row& row, const std::vector<Column>& columns, std::int64_t number)
{
    Record record;
    record.row = number;
    record.system = textOf(row, columns, ColumnRole::System);
    record.prompt = textOf(row, columns, ColumnRole::Prompt);
    if (const std::string input = textOf(row, columns, ColumnRole::Input); !input.empty())
        record.prompt += record.prompt.empty() ? input : "\n\n" + input;
    record.completion = textOf(row, columns, ColumnRole::Completion);
    record.text = textOf(row, columns, ColumnRole::Text);
    record.label = textOf(row, columns, ColumnRole::Label);
    record.tools = jsonOf(row, columns, ColumnRole::Tools);
    if (has(columns, ColumnRole::Messages)) {
        fillConversation(record, row, columns);
    } else if (has(columns, ColumnRole::Chosen) && has(columns, ColumnRole::Rejected)) {
        fillPreference(record, row, columns);
    } else if (has(columns, ColumnRole::Prompt) && has(columns, ColumnRole::Completion)) {
        record.kind = record.prompt.empty() && record.completion.empty() ? Record::Kind::Empty : Record::Kind::PromptCompletion;
    } else {
        if (record.text.empty())
            record.text = !record.prompt.empty() ? record.prompt : record.completion;
        const bool isLabelled = has(columns, ColumnRole::Label);
        record.kind = record.text.empty() ? Record::Kind::Empty : isLabelled ? Record::Kind::Labelled : Record::Kind::Text;
    }
    return record;
}

}
