// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/conversation.h"

#include "cleaner/text.h"
#include "importer/roles.h"

#include <algorithm>

namespace attune::cleaner {
namespace {

/// Where a message keeps its text: "content" or "value".
const char* contentKey(const Json& message)
{
    return message.contains("content") || !message.contains("value") ? "content" : "value";
}

struct Turn {
    Json message;
    std::string role;  ///< system user assistant tool
    const char* key = "content";

    /// Only text, nothing that joining could lose.
    bool isPlain() const
    {
        const auto it = message.find(key);
        return it != message.end() && it->is_string() && message.size() == 2;
    }
    bool isEmpty() const
    {
        const auto it = message.find(key);
        const bool hasContent = it != message.end() && !it->is_null() && !(it->is_string() && isBlank(it->get_ref<const std::string&>())) && !(it->is_array() && it->empty());
        return !hasContent && message.size() <= 2;
    }
};

std::vector<Turn> turnsOf(const Json& messages)
{
    std::vector<Turn> turns;
    for (const auto& message : messages) {
        if (!message.is_object())
            continue;
        const auto read = importer::toMessages(Json::array({message}));
        Turn turn {message, read.empty() ? std::string() : read.front().role, contentKey(message)};
        if (!turn.isEmpty())
            turns.push_back(std::move(turn));
    }
    std::stable_sort(turns.begin(), turns.end(), [](const Turn& a, const Turn& b) { return a.role == "system" && b.role != "system"; });
    return turns;
}

void joinNeighbours(std::vector<Turn>& turns)
{
    std::vector<Turn> joined;
    for (auto& turn : turns) {
        if (!joined.empty() && joined.back().role == turn.role && turn.role != "tool" && joined.back().isPlain() && turn.isPlain())
            joined.back().message[joined.back().key] = joined.back().message[joined.back().key].get<std::string>() + "\n" + turn.message[turn.key].get<std::string>();
        else
            joined.push_back(std::move(turn));
    }
    turns = std::move(joined);
}

}

bool fixConversation(Json& messages)
{
    auto turns = turnsOf(messages);
    const auto isSystem = [](const Turn& t) { return t.role == "system"; };
    const auto firstTurn = std::find_if_not(turns.begin(), turns.end(), isSystem);
    turns.erase(firstTurn, std::find_if(firstTurn, turns.end(), [](const Turn& t) { return t.role == "user"; }));
    while (!turns.empty() && !isSystem(turns.back()) && turns.back().role != "assistant")
        turns.pop_back();
    if (std::all_of(turns.begin(), turns.end(), isSystem))
        turns.clear();
    joinNeighbours(turns);
    Json fixed = Json::array();
    for (auto& turn : turns)
        fixed.push_back(std::move(turn.message));
    const bool changed = fixed != messages;
    messages = std::move(fixed);
    return changed;
}

}
