// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/sleep_inhibitor.h"

#include "bridge/job_controller.h"

#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>

namespace attune::bridge {
namespace {

const QString kDesktop = QStringLiteral("org.freedesktop.PowerManagement");
const QString kDesktopPath = QStringLiteral("/org/freedesktop/PowerManagement/Inhibit");
const QString kDesktopInterface = QStringLiteral("org.freedesktop.PowerManagement.Inhibit");

}

SleepInhibitor::SleepInhibitor(const JobController& jobs, Bus system, Bus session, QObject* parent)
    : QObject(parent)
    , m_jobs(jobs)
    , m_system(std::move(system))
    , m_session(std::move(session))
{
    connect(&jobs, &JobController::jobsChanged, this, &SleepInhibitor::update);
}

// Without an address a session bus would be started just for this.
SleepInhibitor::SleepInhibitor(const JobController& jobs, QObject* parent)
    : SleepInhibitor(jobs, [] { return QDBusConnection::systemBus(); },
        [] { return qEnvironmentVariableIsSet("DBUS_SESSION_BUS_ADDRESS") ? QDBusConnection::sessionBus() : QDBusConnection(QStringLiteral("none")); }, parent)
{
}

SleepInhibitor::~SleepInhibitor()
{
    release();
}

void SleepInhibitor::update()
{
    if (m_isWanted == m_jobs.isTraining())
        return;
    m_isWanted = !m_isWanted;
    if (m_isWanted)
        askLogind();
    else
        release();
}

/// org.freedesktop.login1(5): the computer stays awake until the file descriptor of the answer is closed.
void SleepInhibitor::askLogind()
{
    const QDBusConnection system = m_system();
    if (!system.isConnected())
        return askDesktop();
    auto call = QDBusMessage::createMethodCall(QStringLiteral("org.freedesktop.login1"), QStringLiteral("/org/freedesktop/login1"),
        QStringLiteral("org.freedesktop.login1.Manager"), QStringLiteral("Inhibit"));
    call << QStringLiteral("sleep") << QStringLiteral("Attune") << tr("A model is being trained") << QStringLiteral("block");
    auto* watcher = new QDBusPendingCallWatcher(system.asyncCall(call), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher] {
        watcher->deleteLater();
        const QDBusPendingReply<QDBusUnixFileDescriptor> reply = *watcher;
        if (!m_isWanted)
            return;
        if (reply.isError())
            askDesktop();
        else
            m_lock = reply.value();
    });
}

void SleepInhibitor::askDesktop()
{
    const QDBusConnection session = m_session();
    if (!session.isConnected())
        return;
    auto call = QDBusMessage::createMethodCall(kDesktop, kDesktopPath, kDesktopInterface, QStringLiteral("Inhibit"));
    call << QStringLiteral("Attune") << tr("A model is being trained");
    auto* watcher = new QDBusPendingCallWatcher(session.asyncCall(call), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher] {
        watcher->deleteLater();
        const QDBusPendingReply<uint> reply = *watcher;
        if (reply.isError())
            return;
        m_cookie = reply.value();
        if (!m_isWanted)
            release();
    });
}

void SleepInhibitor::release()
{
    m_lock = QDBusUnixFileDescriptor();
    if (m_cookie == 0)
        return;
    auto call = QDBusMessage::createMethodCall(kDesktop, kDesktopPath, kDesktopInterface, QStringLiteral("UnInhibit"));
    call << m_cookie;
    m_session().asyncCall(call);
    m_cookie = 0;
}

}
