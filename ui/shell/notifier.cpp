// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/notifier.h"

#include "bridge/text.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCall>

namespace attune::shell {

using bridge::toQString;

Notifier::Notifier(Context& context, QWidget* window)
    : QObject(window)
    , m_context(context)
    , m_window(window)
{
    connect(&context.jobs, &bridge::JobController::events, this, [this](const std::vector<pipeline::Event>& events) {
        for (const auto& event : events) {
            if (const auto* alert = std::get_if<pipeline::AlertRaised>(&event); alert && alert->level != "info")
                say(QStringLiteral("notify/alerts"), toQString(alert->title), toQString(alert->evidence));
            else if (const auto* finished = std::get_if<pipeline::RunFinished>(&event))
                say(QStringLiteral("notify/finished"), finished->status == "completed" ? tr("%1 is done").arg(toQString(finished->run)) : tr("%1 ended: %2").arg(toQString(finished->run), toQString(finished->status)),
                    tr("%1 steps, loss %2").arg(bridge::grouped(finished->stepsDone), bridge::decimal(finished->trainLoss, 3)));
        }
    });
    connect(&context.jobs, &bridge::JobController::jobFinished, this, [this](int id) {
        for (const auto& job : m_context.jobs.jobs())
            if (job.id == id && !job.isTraining && job.started.secsTo(job.finished) >= 5)
                say(QStringLiteral("notify/jobs"), job.state == bridge::JobState::Failed ? tr("%1 did not work").arg(job.title) : tr("%1: done").arg(job.title), job.where);
    });
}

void Notifier::say(const QString& setting, const QString& title, const QString& text)
{
    if (m_window->isActiveWindow() || !m_context.settings.value(setting, true).toBool() || !QDBusConnection::sessionBus().isConnected())
        return;
    auto message = QDBusMessage::createMethodCall(QStringLiteral("org.freedesktop.Notifications"), QStringLiteral("/org/freedesktop/Notifications"), QStringLiteral("org.freedesktop.Notifications"), QStringLiteral("Notify"));
    message.setArguments({QStringLiteral("Attune"), 0U, QStringLiteral("attune-studio"), title, text, QStringList(), QVariantMap(), -1});
    QDBusConnection::sessionBus().asyncCall(message);
}

}
