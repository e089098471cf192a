// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/single_window.h"

#include "base/hash.h"

#include <QDir>
#include <QFile>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace attune::shell {
namespace {

constexpr int kAnswerMs = 150;
constexpr qsizetype kMostBytes = 1 << 20;  // thousands of paths; more is not from us

QString socketPath(const QString& workspace)
{
    const QByteArray runtime = qgetenv("XDG_RUNTIME_DIR");
    const QString folder = runtime.isEmpty() ? QDir::tempPath() : QString::fromUtf8(runtime);
    // The user's number keeps apart whom a shared /tmp brings together.
    return QStringLiteral("%1/attune-%2-%3").arg(folder).arg(::getuid()).arg(QString::fromStdString(hash128(workspace.toStdString()).hex()).left(16));
}

int localSocket(int flags = 0)
{
    return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
}

bool addressOf(const QString& path, sockaddr_un& address)
{
    const QByteArray name = QFile::encodeName(path);
    if (name.size() >= static_cast<qsizetype>(sizeof(address.sun_path)))
        return false;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.constData(), static_cast<std::size_t>(name.size()) + 1);
    return true;
}

bool sendAll(int connection, const QByteArray& bytes)
{
    qsizetype done = 0;
    while (done < bytes.size()) {
        const auto n = ::send(connection, bytes.constData() + done, static_cast<std::size_t>(bytes.size() - done), MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return false;
        done += std::max<qsizetype>(0, n);
    }
    return true;
}

}

SingleWindow::SingleWindow(const QString& workspace, QObject* parent)
    : QObject(parent)
    , m_path(socketPath(workspace))
{
}

SingleWindow::~SingleWindow()
{
    if (m_listening < 0)
        return;
    m_notifier.reset();
    ::close(m_listening);
    ::unlink(QFile::encodeName(m_path).constData());
}

bool SingleWindow::handOver(const QStringList& files) const
{
    sockaddr_un address {};
    if (!addressOf(m_path, address))
        return false;
    const int connection = localSocket();
    bool isTaken = false;
    if (::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 && sendAll(connection, files.join(QLatin1Char('\n')).toUtf8())) {
        ::shutdown(connection, SHUT_WR);
        isTaken = true;
    }
    ::close(connection);
    return isTaken;
}

bool SingleWindow::listen()
{
    sockaddr_un address {};
    if (!addressOf(m_path, address))
        return false;
    m_listening = localSocket(SOCK_NONBLOCK);
    ::unlink(address.sun_path);
    const mode_t before = ::umask(0077);
    const bool isBound = ::bind(m_listening, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 && ::listen(m_listening, 8) == 0;
    ::umask(before);
    if (!isBound) {
        ::close(std::exchange(m_listening, -1));
        return false;
    }
    m_notifier = std::make_unique<QSocketNotifier>(m_listening, QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &SingleWindow::take);
    return true;
}

void SingleWindow::take()
{
    const int connection = ::accept4(m_listening, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0)
        return;
    read(connection);
    ::close(connection);
}

/// What was sent before the sender closed; one that says nothing is left after a moment.
void SingleWindow::read(int connection)
{
    QByteArray bytes;
    char buffer[4096];
    pollfd ready {connection, POLLIN, 0};
    while (bytes.size() < kMostBytes && ::poll(&ready, 1, kAnswerMs) > 0) {
        const auto n = ::recv(connection, buffer, sizeof(buffer), 0);
        if (n <= 0)
            break;
        bytes.append(buffer, n);
    }
    emit filesArrived(QString::fromUtf8(bytes).split(QLatin1Char('\n'), Qt::SkipEmptyParts));
}

}
