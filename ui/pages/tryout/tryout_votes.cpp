// SPDX-License-Identifier: GPL-3.0-or-later
// Votes, blind tests and what was said before; see tryout_page.h.
#include "pages/tryout/next_tokens.h"
#include "pages/tryout/sampling_panel.h"
#include "pages/tryout/tryout_page.h"

#include "base/file.h"

#include <QCheckBox>
#include <QFileDialog>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QRandomGenerator>

namespace attune::pages {

using bridge::toQString;
using bridge::toStd;

namespace {

constexpr std::size_t kKeptConversations = 20;
constexpr const char* kHistory = "tryout/history";

}

/// Votes belong to the models that stood side by side, in whatever order.
std::string TryOutPage::votesKey() const
{
    QStringList ids;
    for (auto* column : m_columns)
        ids.append(column->choice().id);
    ids.sort();
    return "votes/" + toStd(ids.join(QLatin1Char('|')));
}

void TryOutPage::loadVotes()
{
    m_context.workspace.query<Json>(this, [key = votesKey()](store::Store& store) { return store.value(key); }, [this, key = votesKey()](Result<Json> value) {
        if (!value || key != votesKey())
            return;
        m_votes.clear();
        if (value->is_object())
            for (const auto& [id, count] : value->items())
                m_votes[toQString(id)] = count.get<int>();
        showVotes();
    });
}

void TryOutPage::showVotes()
{
    QStringList parts;
    int all = 0;
    for (auto* column : m_columns) {
        const auto choice = column->choice();
        all += m_votes.value(choice.id);
        parts.append(QStringLiteral("%1 %2").arg(choice.name).arg(m_votes.value(choice.id)));
    }
    // In a blind test the tally's order would tell the columns apart.
    parts.sort();
    m_tally->setText(m_columns.size() < 2 ? QString() : all == 0 ? tr("No votes yet") : tr("Votes: %1").arg(parts.join(QStringLiteral(", "))));
}

void TryOutPage::vote(qsizetype turn, int column)
{
    auto& better = m_conversation.turns[turn].better;
    const auto id = [this](int i) { return m_columns[i]->choice().id; };
    if (better >= 0)
        m_votes[id(better)] = std::max(0, m_votes[id(better)] - 1);
    better = better == column ? -1 : column;
    if (better >= 0)
        ++m_votes[id(better)];
    Json counts = Json::object();
    for (auto it = m_votes.begin(); it != m_votes.end(); ++it)
        counts[toStd(it.key())] = it.value();
    m_context.workspace.write([key = votesKey(), counts](store::Store& store) { return store.putValue(key, counts); });
    if (m_blind->isChecked() && better >= 0 && !m_isRevealed) {
        m_isRevealed = true;
        for (auto* one : m_columns)
            one->setBlind({});
        m_context.navigator.toast(tr("%1 was better. A new conversation hides the models again.").arg(m_columns[column]->choice().name));
    }
    showTurn(turn);
    showVotes();
    keep();
}

/// The models change places and lose their names until a vote.
void TryOutPage::setBlind(bool isBlind)
{
    if (isBlind && m_columns.size() > 1) {
        QStringList ids;
        for (auto* column : m_columns)
            ids.append(column->choice().id);
        std::shuffle(ids.begin(), ids.end(), *QRandomGenerator::global());
        for (qsizetype i = 0; i < m_columns.size(); ++i)
            m_columns[i]->choose(ids[i]);
    }
    m_isRevealed = false;
    for (qsizetype i = 0; i < m_columns.size(); ++i)
        m_columns[i]->setBlind(isBlind ? QString(QChar(static_cast<char16_t>('A' + i))) : QString());
    if (!m_conversation.turns.isEmpty()) {
        m_conversation = {};
        for (auto* column : m_columns)
            column->clear();
    }
    columnsChanged();
}

void TryOutPage::newConversation()
{
    stop();
    m_stream.reset();
    m_conversation = {};
    for (auto* column : m_columns)
        column->clear();
    if (m_blind->isChecked())
        setBlind(true);
    m_sampling->nextTokens()->setMessage(tr("Click a word of an answer: what else could have come there?"));
    showState();
    m_input->setFocus();
}

/// The newest conversations stay in the workspace.
void TryOutPage::keep()
{
    if (m_conversation.turns.isEmpty())
        return;
    m_context.workspace.write([json = m_conversation.toJson()](store::Store& store) -> Status {
        ATTUNE_TRY(auto history, store.value(kHistory));
        if (!history.is_array())
            history = Json::array();
        const auto same = std::find_if(history.begin(), history.end(), [&](const Json& one) { return one.value("time", "") == json.value("time", ""); });
        if (same != history.end())
            history.erase(same);
        history.insert(history.begin(), json);
        while (history.size() > kKeptConversations)
            history.erase(history.size() - 1);
        return store.putValue(kHistory, history);
    });
}

void TryOutPage::restore(const Conversation& conversation)
{
    if (m_job)
        return;
    m_blind->setChecked(false);
    while (m_columns.size() < conversation.columns.size() && m_columns.size() < 3)
        addColumn();
    while (m_columns.size() > std::max<qsizetype>(1, conversation.columns.size()))
        removeColumn(m_columns.last());
    for (qsizetype i = 0; i < m_columns.size(); ++i) {
        m_columns[i]->choose(conversation.columns.value(i));
        m_columns[i]->clear();
    }
    m_conversation = conversation;
    m_system->setText(conversation.system);
    for (qsizetype turn = 0; turn < conversation.turns.size(); ++turn) {
        for (int i = 0; i < m_columns.size(); ++i) {
            auto* box = m_columns[i]->addTurn(conversation.turns[turn].user);
            connect(box, &AnswerBox::voted, this, [this, turn, i] { vote(turn, i); });
            connect(box, &AnswerBox::wordClicked, this, [this, turn, i](int position) { showNext(i, turn, position); });
        }
    }
    for (qsizetype turn = 0; turn < conversation.turns.size(); ++turn)
        showTurn(turn);
    columnsChanged();
}

void TryOutPage::showMenu()
{
    m_context.workspace.query<Json>(this, [](store::Store& store) { return store.value(kHistory); }, [this](Result<Json> history) {
        QMenu menu(this);
        menu.addAction(tr("New conversation"), this, &TryOutPage::newConversation)->setEnabled(!m_conversation.turns.isEmpty());
        auto* before = menu.addMenu(tr("Earlier conversations"));
        if (history && history->is_array())
            for (const auto& one : *history) {
                const auto conversation = Conversation::fromJson(one);
                before->addAction(QStringLiteral("%1   %2").arg(bridge::when(conversation.time), conversation.title()), this, [this, conversation] { restore(conversation); });
            }
        before->setEnabled(!before->isEmpty());
        menu.addAction(tr("Save as JSON…"), this, [this] {
            const QString path = QFileDialog::getSaveFileName(this, tr("Save the conversation"), QStringLiteral("conversation.json"), tr("JSON (*.json)"));
            if (path.isEmpty())
                return;
            const auto status = writeFileAtomically(toStd(path), m_conversation.toJson().dump(2) + "\n");
            m_context.navigator.toast(status ? tr("%1 was written.").arg(path) : toQString(status.error().message));
        })->setEnabled(!m_conversation.turns.isEmpty());
        menu.addAction(tr("Set votes back"), this, [this] {
            m_votes.clear();
            m_context.workspace.write([key = votesKey()](store::Store& store) { return store.putValue(key, Json::object()); });
            showVotes();
        })->setEnabled(!m_votes.isEmpty());
        menu.exec(m_more->mapToGlobal(QPoint(0, m_more->height())));
    });
}

}
