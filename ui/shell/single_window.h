// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QSocketNotifier>
#include <QStringList>

#include <memory>

namespace attune::shell {

/// One window per workspace: a second start hands its files over to the first and ends. A Unix socket of the user's own;
/// Qt's would bring QtNetwork and the ten libraries behind it (Kerberos, proxies) into every start.
class SingleWindow : public QObject
{
    Q_OBJECT
public:
    explicit SingleWindow(const QString& workspace, QObject* parent = nullptr);
    ~SingleWindow() override;

    /// True when a window on this workspace took the files over.
    bool handOver(const QStringList& files) const;
    /// From now on this is the window of the workspace; a socket that nobody listens at is replaced.
    bool listen();
    QString path() const { return m_path; }

signals:
    /// Another start was asked to open these; none: it wants the window to come up.
    void filesArrived(const QStringList& files);

private:
    void take();
    void read(int connection);

    QString m_path;
    int m_listening = -1;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

}
