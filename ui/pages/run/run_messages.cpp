// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/run/run_messages.h"

#include "bridge/text.h"
#include "style/metrics.h"

#include <QBoxLayout>

namespace attune::pages {

using bridge::toQString;
using Kind = widgets::MessageBar::Kind;

namespace {
constexpr qsizetype kMostBars = 2;
}

RunMessages::RunMessages(shell::Context& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
{
    m_column = widgets::column(style::kSpace1);
    setLayout(m_column);
}

void RunMessages::clear()
{
    m_shown.clear();
    m_closed.clear();
    while (auto* item = m_column->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    setVisible(false);
}

RunMessages::Message RunMessages::finished(const RunData& runData)
{
    const auto& row = runData.row;
    const bool isStopped = row.status == store::RunStatus::Stopped;
    Message message {isStopped ? Kind::Info : Kind::Success, QStringLiteral("finished"), {}, {}};
    message.isDone = true;
    message.title = isStopped ? tr("Stopped at step %1 of %2").arg(bridge::grouped(row.stepsDone), bridge::grouped(row.stepsTotal)) : tr("Finished in %1").arg(bridge::duration(row.seconds));
    const auto& evals = runData.series(QStringLiteral("eval/loss"));
    if (row.bestStep > 0 && evals.size() > 0) {
        const auto at = evals.placeOf(row.bestStep, plots::XAxis::Step);
        const auto points = evals.points(plots::XAxis::Step);
        if (at)
            message.evidence = tr("Best eval loss %1 at step %2.").arg(bridge::decimal(points.y[points.x.indexOf(*at)], 3), bridge::grouped(row.bestStep));
    } else if (row.trainLoss) {
        message.evidence = tr("Training loss %1.").arg(bridge::decimal(*row.trainLoss, 3));
    }
    if (!runData.checkpoints.empty() || row.stepsDone > 0) {
        message.actions.append({tr("Compare with the base model"), [this] { m_context.navigator.open(shell::PageId::TryOut, m_run); }});
        message.actions.append({tr("Export…"), [this] { m_context.navigator.open(shell::PageId::Export, m_run); }});
    }
    message.actions.append({tr("New run from this…"), [this, recipe = toQString(row.recipe)] { m_context.navigator.open(shell::PageId::Train, QStringLiteral("recipe:") + recipe); }});
    return message;
}

RunMessages::Message RunMessages::broken(const RunData& runData)
{
    const auto& row = runData.row;
    const bool hasFailed = row.status == store::RunStatus::Failed;
    Message message {hasFailed ? Kind::Danger : Kind::Warning, QStringLiteral("broken"), {}, {}};
    message.title = hasFailed ? tr("The run did not go on") : tr("Training ended unexpectedly");
    const auto last = runData.checkpoints.empty() ? 0 : runData.checkpoints.back().step;
    message.evidence = (row.error.empty() ? tr("The program that trained it is gone.") : toQString(row.error)) + QLatin1Char(' ')
        + (last > 0 ? tr("Step %1 is saved.").arg(bridge::grouped(last)) : tr("No checkpoint was written yet: it would start over."));
    message.actions.append({tr("Resume"), [this] { emit resumeRequested(); }});
    message.actions.append({tr("Show the log"), [this] { emit logRequested(); }});
    return message;
}

std::optional<RunMessages::Message> RunMessages::alert(const RunData& runData, const store::RunEvent& event)
{
    const std::string level = event.data.value("level", "");
    Message message {level == "critical" || level == "error" ? Kind::Danger : level == "info" ? Kind::Info : Kind::Warning, {}, toQString(event.data.value("title", "")), {}};
    message.key = message.title;
    message.isAlert = true;
    for (const char* part : {"evidence", "likely", "try"})
        if (const QString words = toQString(event.data.value(part, "")); !words.isEmpty())
            message.evidence += (message.evidence.isEmpty() ? QString() : QStringLiteral(" ")) + words;
    if (m_muted.contains(message.title) || m_closed.contains(message.title))
        return std::nullopt;
    if (runData.isLive() && level != "info" && runData.row.bestStep > 0 && runData.row.bestStep < event.step && runData.hasCheckpoint(runData.row.bestStep))
        message.actions.append({tr("Stop and use step %1").arg(bridge::grouped(runData.row.bestStep)), [this, step = runData.row.bestStep] { emit stopAndUseRequested(step); }});
    message.actions.append({tr("Mute"), [this, title = message.title] { mute(title); }});
    return message;
}

QList<RunMessages::Message> RunMessages::messagesOf(const RunData& runData)
{
    QList<Message> messages;
    const auto status = runData.row.status;
    if (status == store::RunStatus::Failed || status == store::RunStatus::Interrupted)
        messages.append(broken(runData));
    else if (status == store::RunStatus::Completed || status == store::RunStatus::Stopped)
        messages.append(finished(runData));
    // The newest alert of each rule; a rule speaks once until it clears.
    QStringList seen;
    const auto alerts = runData.eventsOf("alert");
    for (auto it = alerts.rbegin(); it != alerts.rend(); ++it) {
        const QString title = toQString((*it)->data.value("title", ""));
        if (seen.contains(title))
            continue;
        seen.append(title);
        if (auto message = alert(runData, **it))
            messages.append(std::move(*message));
    }
    messages.removeIf([this](const Message& m) { return m_closed.contains(m.key); });
    return messages;
}

void RunMessages::show(const RunData& runData)
{
    m_run = toQString(runData.row.id);
    m_muted = runData.muted;
    const auto messages = messagesOf(runData);
    QString key;
    for (const auto& message : messages)
        key += message.key + message.title + message.evidence + QString::number(message.actions.size());
    setVisible(!messages.isEmpty());
    if (key == m_shown)
        return;
    m_shown = key;
    while (auto* item = m_column->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();  // its button may be what led here
        delete item;
    }
    for (const auto& message : messages.mid(0, kMostBars))
        add(message);
    if (messages.size() > kMostBars) {
        auto* more = widgets::smallButton(tr("%n more in the log", nullptr, static_cast<int>(messages.size() - kMostBars)), widgets::ButtonRole::Ghost);
        m_column->addWidget(more, 0, Qt::AlignRight);
        connect(more, &QPushButton::clicked, this, &RunMessages::logRequested);
    }
}

void RunMessages::add(const Message& message)
{
    auto* bar = new widgets::MessageBar(message.kind, message.title, message.evidence);
    bool isFirst = message.isDone || message.key == QLatin1String("broken");  // the state of the run, not an alert
    for (const auto& [text, run] : message.actions) {
        auto* button = bar->addButton(text);
        if (std::exchange(isFirst, false))
            button->setProperty("role", QStringLiteral("primary"));
        connect(button, &QPushButton::clicked, this, run);
    }
    m_column->addWidget(bar);
    connect(bar, &widgets::MessageBar::closed, this, [this, bar, key = message.key] {
        m_closed.append(key);
        bar->deleteLater();
        bar->hide();
        m_shown.clear();
    });
}

/// Kept in the workspace, so that the rule stays quiet in the next window too.
void RunMessages::mute(const QString& title)
{
    m_muted.append(title);
    Json list = Json::array();
    for (const auto& one : m_muted)
        list.push_back(bridge::toStd(one));
    m_context.workspace.write([key = "muted/" + bridge::toStd(m_run), list](store::Store& store) { return store.putValue(key, list); });
    m_context.navigator.toast(tr("“%1” is muted for this run.").arg(title), [this, list, run = m_run] {
        Json before = list;
        before.erase(before.size() - 1);
        m_context.workspace.write([key = "muted/" + bridge::toStd(run), before](store::Store& store) { return store.putValue(key, before); });
    });
}

}
