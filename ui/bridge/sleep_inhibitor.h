// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDBusConnection>
#include <QDBusUnixFileDescriptor>
#include <QObject>

#include <functional>

namespace attune::bridge {

class JobController;

/// Keeps the computer from going to sleep while a run trains: through logind, else through the desktop's power management.
/// Where neither is there (a container, a bare server) it does nothing. Calls do not wait for an answer. UI thread.
class SleepInhibitor final : public QObject
{
    Q_OBJECT
public:
    /// The buses are connected to when the first run starts, not when the window does.
    using Bus = std::function<QDBusConnection()>;
    SleepInhibitor(const JobController& jobs, Bus system, Bus session, QObject* parent = nullptr);
    explicit SleepInhibitor(const JobController& jobs, QObject* parent = nullptr);  ///< on this computer's buses
    ~SleepInhibitor() override;

    /// Whether some service holds the computer awake for us.
    bool isHolding() const { return m_lock.isValid() || m_cookie != 0; }

private:
    void update();
    void askLogind();
    void askDesktop();
    void release();

    const JobController& m_jobs;
    Bus m_system, m_session;
    QDBusUnixFileDescriptor m_lock;  ///< logind: closing it is the release
    uint m_cookie = 0;               ///< the desktop's
    bool m_isWanted = false;
};

}
