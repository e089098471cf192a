// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/tryout/conversation.h"
#include "pipeline/engine.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

namespace attune::pages {

/// Loaded models for Try out. A base and the adapters on it share its weights where the method allows it: the base is the
/// tuned model with its adapter at strength 0. One caller at a time; job threads only, but for facts().
class ChatPool
{
public:
    struct Facts { std::int64_t baseBytes = 0, adapterBytes = 0, contextLength = 0; int loaded = 0; };

    explicit ChatPool(std::string workspace);

    /// What the columns ask for now; models that no column asks for are let go.
    void setWanted(const QList<ChatChoice>& choices);
    /// Loads where needed and answers. Errors: those of the engine and of what a name leads to.
    Result<pipeline::GenerateReport> ask(const ChatChoice& choice, double strength, const pipeline::GenerateRequest& request, const JobContext& context);
    /// What is in memory; any thread.
    Facts facts() const;

private:
    struct Session {
        std::unique_ptr<pipeline::ChatSession> chat;
        std::string basePath;
        std::int64_t baseBytes = 0, adapterBytes = 0, contextLength = 0;
        bool canBeBase = false;  ///< strength 0 gives the base model
    };
    Result<Session*> session(const ChatChoice& choice, const JobContext& context, bool& actsAsBase);
    Result<pipeline::ModelWithAdapter> resolve(const ChatChoice& choice) const;
    void letGo();
    void count();

    std::string m_workspace;
    mutable std::mutex m_mutex;
    QList<ChatChoice> m_wanted;  // guarded
    Facts m_facts;               // guarded
    std::map<QString, Session> m_sessions;
};

}
