// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

#include <QList>
#include <QString>
#include <QStringList>

namespace attune::pages {

/// Something that can be asked: a base model, a run at one of its checkpoints, an adapter file on a base.
struct ChatChoice {
    QString id;           ///< model's name, run's id, "run#step", or a path
    QString name, detail; ///< "support-bot-4", "best, step 900"
    int colour = -1;      ///< of a run, -1 for anything else
    QString base;         ///< model that it stands on; empty for a base
    QString adapterFile;  ///< of an adapter that is no run's

    bool hasAdapter() const { return !base.isEmpty(); }
    bool operator==(const ChatChoice&) const = default;
};

/// One answer as it is shown.
struct ChatAnswer {
    QString text;
    qint64 tokens = 0, promptTokens = 0;
    double tokensPerSecond = 0;
    QString error;
};

/// A message and each column's answer to it.
struct ChatTurn {
    QString user;
    QList<ChatAnswer> answers;  ///< by column
    int better = -1;            ///< the column that was voted for
};

/// What was said so far; kept in the workspace.
struct Conversation {
    QString time, system;
    QStringList columns;  ///< ids of the choices
    QList<ChatTurn> turns;

    Json toJson() const;
    static Conversation fromJson(const Json& json);
    QString title() const;  ///< the first message
};

}
