// SPDX-License-Identifier: GPL-3.0-or-later
// Asking and answering; see tryout_page.h.
#include "pages/tryout/next_tokens.h"
#include "pages/tryout/sampling_panel.h"
#include "pages/tryout/tryout_page.h"
#include "style/icons.h"

#include <QCheckBox>
#include <QDateTime>
#include <QLineEdit>
#include <QPlainTextEdit>

namespace attune::pages {

using bridge::toQString;
using bridge::toStd;

void TryOutPage::send()
{
    const QString text = m_input->toPlainText().trimmed();
    if (text.isEmpty() || m_job)
        return;
    for (auto* column : m_columns)
        if (column->choice().id.isEmpty()) {
            m_context.navigator.toast(tr("Choose a model in each column first."));
            return;
        }
    m_input->clear();
    if (m_conversation.turns.isEmpty()) {
        m_conversation.time = toQString(store::nowUtc());
        m_conversation.system = m_system->text();
        m_conversation.columns.clear();
        for (auto* column : m_columns)
            m_conversation.columns.append(column->choice().id);
    }
    ChatTurn turn;
    turn.user = text;
    turn.answers.resize(m_columns.size());
    m_conversation.turns.append(turn);
    const auto at = m_conversation.turns.size() - 1;
    QList<int> all;
    for (int i = 0; i < m_columns.size(); ++i) {
        auto* box = m_columns[i]->addTurn(text);
        connect(box, &AnswerBox::voted, this, [this, at, i] { vote(at, i); });
        connect(box, &AnswerBox::againRequested, this, [this, i] {
            if (!m_job)
                ask({i}, ++m_seedStep);
        });
        connect(box, &AnswerBox::wordClicked, this, [this, at, i](int position) { showNext(i, at, position); });
        all.append(i);
    }
    if (at > 0)
        showTurn(at - 1);
    m_seedStep = 0;
    ask(all, 0);
}

/// The conversation as a column has it, up to a turn's message.
pipeline::GenerateRequest TryOutPage::requestFor(int column, qsizetype turn) const
{
    auto request = m_sampling->request();
    if (!m_conversation.system.isEmpty())
        request.messages.push_back({"system", toStd(m_conversation.system), {}});
    for (qsizetype i = 0; i < turn; ++i) {
        const auto& one = m_conversation.turns[i];
        if (column >= one.answers.size() || !one.answers[column].error.isEmpty())
            continue;
        request.messages.push_back({"user", toStd(one.user), {}});
        request.messages.push_back({"assistant", toStd(one.answers[column].text), {}});
    }
    request.messages.push_back({"user", toStd(m_conversation.turns[turn].user), {}});
    return request;
}

/// One job asks the columns in turn: they share the processor, and often the weights.
void TryOutPage::ask(const QList<int>& columns, quint64 seedStep)
{
    struct Question { ChatChoice choice; double strength; pipeline::GenerateRequest request; };
    std::vector<Question> questions;
    m_stream = std::make_shared<Stream>();
    m_asked = columns;
    const auto turn = m_conversation.turns.size() - 1;
    for (const int column : columns) {
        m_columns[column]->answers().last()->setStream({});
        auto request = requestFor(column, turn);
        request.seed += seedStep;
        questions.push_back({m_columns[column]->choice(), m_columns[column]->strength(), std::move(request)});
        m_stream->parts.append(Stream::Part {});
    }
    m_job = m_context.jobs.start(tr("Answering"),
        [questions, pool = m_pool, stream = m_stream](const JobContext& job) -> Status {
            Status first;
            for (std::size_t i = 0; i < questions.size(); ++i) {
                auto request = questions[i].request;
                const auto at = static_cast<qsizetype>(i);
                request.onText = [stream, at](const std::string& piece) {
                    const std::lock_guard lock(stream->mutex);
                    stream->parts[at].text += toQString(piece);
                };
                auto report = pool->ask(questions[i].choice, questions[i].strength, request, job);
                const std::lock_guard lock(stream->mutex);
                auto& part = stream->parts[at];
                part.isDone = true;
                if (report) {
                    part.answer = {toQString(report->text), report->tokens, report->promptTokens, report->tokensPerSecond, {}};
                } else if (job.isCancelled()) {
                    part.answer.text = part.text;
                } else {
                    part.answer.error = toQString(report.error().message + " " + report.error().hint);
                    if (first)
                        first = Status(report.error());
                }
                if (job.isCancelled())
                    return fail(ErrorCode::Cancelled, "The answer was cut off.");
            }
            return first;
        },
        this, [this, columns](const Status&) { finish(columns); });
    m_timer.start();
    showState();
}

void TryOutPage::showStream()
{
    if (!m_stream)
        return;
    QStringList texts;
    {
        const std::lock_guard lock(m_stream->mutex);
        for (const auto& part : m_stream->parts)
            texts.append(part.text);
    }
    for (qsizetype i = 0; i < m_asked.size() && i < texts.size(); ++i) {
        auto* column = m_columns.value(m_asked[i]);
        if (!column || column->answers().isEmpty() || texts[i].isEmpty() || texts[i] == column->answers().last()->text())
            continue;
        column->answers().last()->setStream(texts[i]);
        column->scrollToEnd();
    }
}

void TryOutPage::finish(const QList<int>& columns)
{
    m_timer.stop();
    m_job = 0;
    const auto turn = m_conversation.turns.size() - 1;
    const auto stream = std::exchange(m_stream, nullptr);
    if (!stream || turn < 0) {
        showState();
        return;
    }
    for (qsizetype i = 0; i < columns.size(); ++i)
        if (columns[i] < m_conversation.turns[turn].answers.size())
            m_conversation.turns[turn].answers[columns[i]] = stream->parts[i].answer;
    showTurn(turn);
    for (auto* column : m_columns)
        column->scrollToEnd();
    keep();
    showState();
}

void TryOutPage::stop()
{
    if (m_job)
        m_context.jobs.cancel(m_job);
}

/// Texts, marks and votes of a turn in all columns.
void TryOutPage::showTurn(qsizetype turn)
{
    const auto& one = m_conversation.turns[turn];
    const bool isLast = turn == m_conversation.turns.size() - 1;
    for (int i = 0; i < m_columns.size() && i < one.answers.size(); ++i) {
        if (turn >= m_columns[i]->answers().size())
            continue;
        auto* box = m_columns[i]->answers()[turn];
        box->setAnswer(one.answers[i]);
        // The first column is what the others are compared with; its own words are compared with the second.
        const QString other = m_columns.size() < 2 ? QString() : one.answers[i == 0 ? 1 : 0].text;
        box->setOther(other, i == 0 ? widgets::DiffStyle::Shared : widgets::DiffStyle::Different);
        box->setVote(m_columns.size() > 1 && one.answers[i].error.isEmpty() && !one.answers[i].text.isEmpty(), one.better == i);
        box->setLast(isLast);
    }
}

void TryOutPage::showState()
{
    if (!m_sampling)
        return;
    const bool isBusy = m_job != 0;
    m_send->setText(isBusy ? tr("Stop") : m_columns.size() == 1 ? tr("Send") : m_columns.size() == 2 ? tr("Send to both") : tr("Send to all"));
    m_send->setIcon(style::icon(isBusy ? QStringLiteral("stop") : QStringLiteral("send"), style::IconColour::OnAccent));
    m_legend->setVisible(m_columns.size() > 1);
    m_set->setEnabled(!isBusy);
    qint64 used = 0;
    if (!m_conversation.turns.isEmpty())
        for (const auto& answer : m_conversation.turns.last().answers)
            used = std::max(used, answer.promptTokens + answer.tokens);
    m_sampling->setFacts(m_pool->facts(), used);
    showVotes();
}

/// What the models would have written at a word of an answer: the clicked column's likeliest tokens, beside the base's.
void TryOutPage::showNext(int column, qsizetype turn, int position)
{
    if (m_job || m_nextJob || column >= m_columns.size())
        return;
    QString before = m_conversation.turns[turn].answers[column].text.left(position);
    while (!before.isEmpty() && before.back().isSpace())
        before.chop(1);
    auto request = requestFor(column, turn);
    request.prefix = toStd(before);
    request.maxTokens = 0;
    request.alternatives = 24;
    const auto choice = m_columns[column]->choice();
    const auto strength = m_columns[column]->strength();
    std::optional<ChatChoice> base;
    if (choice.hasAdapter()) {
        for (auto* other : m_columns)
            if (other->choice().id == choice.base)
                base = other->choice();
    }
    struct Answer { std::vector<pipeline::TokenChoice> tuned, base; };
    auto answer = std::make_shared<Answer>();
    m_sampling->nextTokens()->setMessage(tr("Computing…"));
    m_nextJob = m_context.jobs.start(tr("Likeliest next tokens"),
        [=, pool = m_pool](const JobContext& job) -> Status {
            ATTUNE_TRY(auto tuned, pool->ask(choice, strength, request, job));
            answer->tuned = std::move(tuned.next);
            if (!base)
                return {};
            ATTUNE_TRY(auto other, pool->ask(*base, 1.0, request, job));
            answer->base = std::move(other.next);
            return {};
        },
        this, [this, answer, before, colour = choice.colour](const Status& status) {
            m_nextJob = 0;
            if (!status) {
                m_sampling->nextTokens()->setMessage(toQString(status.error().message));
                return;
            }
            QList<NextTokens::Row> rows;
            for (const auto& token : answer->tuned) {
                NextTokens::Row row {toQString(token.text), -1, token.probability};
                for (const auto& other : answer->base)
                    if (other.text == token.text)
                        row.base = other.probability;
                rows.append(row);
            }
            m_sampling->nextTokens()->setRows(before, rows, std::max(0, colour), !answer->base.empty());
        });
}

}
