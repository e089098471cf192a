// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/row_turns.h"

#include "importer/roles.h"

#include <algorithm>

namespace attune::pipeline {
namespace {

using importer::Column;
using importer::ColumnRole;

/// A list kept as a text is read, too; anything else comes back as it is.
Json unfolded(const Json& value)
{
    if (!value.is_string() || !value.get_ref<const std::string&>().starts_with("["))
        return value;
    auto parsed = parseJson(value.get_ref<const std::string&>(), 1024);
    return parsed && parsed->is_array() ? *parsed : value;
}

std::string spelled(const Json& value)
{
    return value.is_string() ? value.get<std::string>() : value.is_null() ? std::string() : toLine(value);
}

const char* contentKey(const Json& message)
{
    return message.contains("content") ? "content" : message.contains("value") ? "value" : nullptr;
}

/// Turns of a list of messages; false where it is none.
bool addMessages(const Json& list, const Column& column, std::vector<RowTurn>& turns)
{
    const auto messages = importer::toMessages(list);
    if (messages.empty() || messages.size() != list.size())
        return false;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const char* key = contentKey(list[i]);
        const bool isText = key && list[i][key].is_string();
        turns.push_back({messages[i].role.empty() ? "message" : messages[i].role, messages[i].content, column.name,
            isText ? "/" + std::to_string(i) + "/" + key : std::string("-"), messages[i].role == "assistant"});
    }
    return true;
}

std::string roleOf(const Column& column)
{
    switch (column.role) {
    case ColumnRole::Prompt: return "user";
    case ColumnRole::Completion: return "assistant";
    case ColumnRole::Ignore: return column.name;
    default: return std::string(importer::roleName(column.role));
    }
}

int rank(const std::string& role)
{
    static const std::vector<std::string> order {"system", "user", "input", "assistant", "text", "label", "chosen", "rejected"};
    const auto it = std::find(order.begin(), order.end(), role);
    return it == order.end() ? static_cast<int>(order.size()) : static_cast<int>(it - order.begin());
}

}

std::vector<RowTurn> turnsOf(const Json& values, const std::vector<Column>& columns)
{
    std::vector<RowTurn> turns;
    const bool hasRoles = std::any_of(columns.begin(), columns.end(), [](const Column& c) { return c.role != ColumnRole::Ignore; });
    for (const auto& column : columns) {
        const auto it = values.find(column.name);
        if (it == values.end() || column.role == ColumnRole::Tools || (hasRoles ? column.role == ColumnRole::Ignore : column.type != "text"))
            continue;
        const Json value = unfolded(*it);
        if (value.is_array() && addMessages(value, column, turns))
            continue;
        const bool isAnswer = column.role == ColumnRole::Completion || column.role == ColumnRole::Chosen;
        turns.push_back({roleOf(column), spelled(*it), column.name, {}, isAnswer});
    }
    return turns;
}

void sortForReading(std::vector<RowTurn>& turns)
{
    // Turns of one conversation stay together where its first one stands.
    std::stable_sort(turns.begin(), turns.end(), [](const RowTurn& a, const RowTurn& b) {
        const bool isOneConversation = a.column == b.column && !a.pointer.empty();
        const int x = a.pointer.empty() ? rank(a.role) : 1, y = b.pointer.empty() ? rank(b.role) : 1;
        return !isOneConversation && x < y;
    });
}

Result<Json> withText(const Json& values, const RowTurn& turn, const std::string& text)
{
    const auto it = values.find(turn.column);
    if (it == values.end() || turn.pointer == "-")
        return fail(ErrorCode::Usage, "This part of the row is no text.", "Edit the source file, and import it again.");
    if (turn.pointer.empty())
        return it->is_string() || it->is_null() ? Json(text) : parseJson(text).value_or(Json(text));
    Json list = unfolded(*it);
    const auto slash = turn.pointer.find('/', 1);
    const auto index = static_cast<std::size_t>(std::atoi(turn.pointer.c_str() + 1));
    const std::string key = slash == std::string::npos ? std::string() : turn.pointer.substr(slash + 1);
    if (!list.is_array() || index >= list.size() || !list[index].is_object() || !list[index].contains(key))
        return fail(ErrorCode::Usage, "The row has changed since it was shown.", "Look at it again, then edit it.");
    list[index][key] = text;
    return it->is_string() ? Json(toLine(list)) : list;
}

}
