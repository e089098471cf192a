// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/tryout/conversation.h"

#include "bridge/text.h"

namespace attune::pages {

using bridge::toQString;
using bridge::toStd;

Json Conversation::toJson() const
{
    Json list = Json::array();
    for (const auto& turn : turns) {
        Json answers = Json::array();
        for (const auto& answer : turn.answers)
            answers.push_back({{"text", toStd(answer.text)}, {"tokens", answer.tokens}, {"prompt_tokens", answer.promptTokens}, {"tokens_per_second", answer.tokensPerSecond}, {"error", toStd(answer.error)}});
        list.push_back({{"user", toStd(turn.user)}, {"answers", answers}, {"better", turn.better}});
    }
    Json ids = Json::array();
    for (const auto& id : columns)
        ids.push_back(toStd(id));
    return {{"time", toStd(time)}, {"system", toStd(system)}, {"columns", ids}, {"turns", list}};
}

Conversation Conversation::fromJson(const Json& json)
{
    Conversation conversation;
    conversation.time = toQString(json.value("time", ""));
    conversation.system = toQString(json.value("system", ""));
    for (const auto& id : json.value("columns", Json::array()))
        conversation.columns.append(toQString(id.get<std::string>()));
    for (const auto& one : json.value("turns", Json::array())) {
        ChatTurn turn;
        turn.user = toQString(one.value("user", ""));
        turn.better = one.value("better", -1);
        for (const auto& a : one.value("answers", Json::array()))
            turn.answers.append({toQString(a.value("text", "")), a.value("tokens", qint64(0)), a.value("prompt_tokens", qint64(0)), a.value("tokens_per_second", 0.0), toQString(a.value("error", ""))});
        conversation.turns.append(turn);
    }
    return conversation;
}

QString Conversation::title() const
{
    QString text = turns.isEmpty() ? QString() : turns.first().user.simplified();
    return text.size() > 60 ? text.left(58) + QStringLiteral("…") : text;
}

}
