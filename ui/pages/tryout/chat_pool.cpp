// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/tryout/chat_pool.h"

#include "base/file.h"
#include "bridge/text.h"
#include "pipeline/model_lookup.h"

namespace attune::pages {

using bridge::toStd;

namespace {

std::int64_t bytesOf(const std::string& path)
{
    std::error_code error;
    if (fs::is_regular_file(path, error))
        return static_cast<std::int64_t>(fs::file_size(path, error));
    std::int64_t bytes = 0;
    for (auto it = fs::recursive_directory_iterator(path, error); !error && it != fs::recursive_directory_iterator(); it.increment(error))
        if (it->is_regular_file(error))
            bytes += static_cast<std::int64_t>(it->file_size(error));
    return bytes;
}

/// Whether the adapter is a low-rank sum on the weights, which strength 0 takes away entirely.
bool isLowRank(const std::string& adapter)
{
    if (adapter.ends_with(".gguf"))
        return true;
    const auto text = readFile(adapter + "/adapter_config.json", 1 << 20);
    const auto config = text ? parseJson(*text) : Result<Json>(text.error());
    if (!config || config->value("peft_type", "") != "LORA" || config->value("use_dora", false))
        return false;
    const auto saved = config->find("modules_to_save");
    return saved == config->end() || saved->is_null() || saved->empty();
}

}

ChatPool::ChatPool(std::string workspace)
    : m_workspace(std::move(workspace))
{
}

void ChatPool::setWanted(const QList<ChatChoice>& choices)
{
    const std::lock_guard lock(m_mutex);
    m_wanted = choices;
}

ChatPool::Facts ChatPool::facts() const
{
    const std::lock_guard lock(m_mutex);
    return m_facts;
}

Result<pipeline::ModelWithAdapter> ChatPool::resolve(const ChatChoice& choice) const
{
    std::unique_ptr<store::Store> store;
    const pipeline::OpenStore openStore = [&]() -> Result<store::Store*> {
        ATTUNE_TRY(store, store::Store::open(m_workspace));
        return store.get();
    };
    pipeline::ModelWithAdapter model;
    const std::string id = toStd(choice.adapterFile.isEmpty() ? choice.id.section(QLatin1Char('#'), 0, 0) : choice.base);
    ATTUNE_TRY(auto place, pipeline::findModel(openStore, id, toStd(choice.id.section(QLatin1Char('#'), 1))));
    ATTUNE_TRY(model.model, families::openModel(place.path));
    model.adapter = choice.adapterFile.isEmpty() ? place.adapter : toStd(choice.adapterFile);
    return model;
}

/// Lets models go that no column wants; a base that a tuned model can stand in for is not kept beside it.
void ChatPool::letGo()
{
    QList<ChatChoice> wanted;
    {
        const std::lock_guard lock(m_mutex);
        wanted = m_wanted;
    }
    std::erase_if(m_sessions, [&](const auto& entry) { return std::none_of(wanted.begin(), wanted.end(), [&](const ChatChoice& c) { return c.id == entry.first; }); });
}

void ChatPool::count()
{
    Facts facts;
    for (const auto& [id, session] : m_sessions) {
        facts.baseBytes += session.baseBytes;
        facts.adapterBytes += session.adapterBytes;
        facts.contextLength = facts.contextLength == 0 ? session.contextLength : std::min(facts.contextLength, session.contextLength);
        ++facts.loaded;
    }
    const std::lock_guard lock(m_mutex);
    m_facts = facts;
}

Result<ChatPool::Session*> ChatPool::session(const ChatChoice& choice, const JobContext& context, bool& actsAsBase)
{
    actsAsBase = false;
    letGo();
    if (const auto it = m_sessions.find(choice.id); it != m_sessions.end())
        return &it->second;
    ATTUNE_TRY(const auto model, resolve(choice));
    if (!choice.hasAdapter())
        for (auto& [id, session] : m_sessions)
            if (session.canBeBase && session.basePath == model.model.path) {
                actsAsBase = true;
                return &session;
            }
    // The base may be asked first: where a column with an adapter on it waits, that one is loaded for both.
    if (!choice.hasAdapter()) {
        QList<ChatChoice> wanted;
        {
            const std::lock_guard lock(m_mutex);
            wanted = m_wanted;
        }
        for (const auto& other : wanted) {
            if (!other.hasAdapter())
                continue;
            const auto tuned = resolve(other);
            if (!tuned || tuned->model.path != model.model.path || tuned->adapter.empty() || !isLowRank(tuned->adapter))
                continue;
            bool ignored = false;
            ATTUNE_TRY(auto* shared, session(other, context, ignored));
            actsAsBase = true;
            return shared;
        }
    }
    ATTUNE_TRY(auto* engine, pipeline::openEngine());
    Session made;
    ATTUNE_TRY(made.chat, engine->openChat(model, context));
    made.basePath = model.model.path;
    made.baseBytes = bytesOf(model.model.path);
    made.adapterBytes = model.adapter.empty() ? 0 : bytesOf(model.adapter);
    made.contextLength = model.model.spec.contextLength;
    made.canBeBase = !model.adapter.empty() && isLowRank(model.adapter);
    auto& kept = m_sessions[choice.id] = std::move(made);
    count();
    return &kept;
}

Result<pipeline::GenerateReport> ChatPool::ask(const ChatChoice& choice, double strength, const pipeline::GenerateRequest& request, const JobContext& context)
{
    bool actsAsBase = false;
    ATTUNE_TRY(auto* session, this->session(choice, context, actsAsBase));
    if (session->adapterBytes > 0)
        ATTUNE_RETURN_IF_ERROR(session->chat->setAdapterScale(actsAsBase ? 0.0 : strength));
    return session->chat->generate(request, context);
}

}
