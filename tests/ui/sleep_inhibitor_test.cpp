// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/sleep_inhibitor.h"

#include "bridge/job_controller.h"
#include "ui/fixture.h"

#include <QDBusContext>
#include <QDBusMessage>
#include <QProcess>
#include <QStandardPaths>
#include <QtTest>

#include <gtest/gtest.h>

#include <fcntl.h>

namespace attune::bridge {

/// What logind answers: a descriptor that it watches for its closing.
class FakeLogind : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.login1.Manager")
public:
    QStringList asked;
    int readEnd = -1;

public slots:
    QDBusUnixFileDescriptor Inhibit(const QString& what, const QString& who, const QString& why, const QString& mode)
    {
        asked << what << who << why << mode;
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
            return {};
        readEnd = ends[0];
        const QDBusUnixFileDescriptor given(ends[1]);
        ::close(ends[1]);
        return given;
    }

public:
    /// The other side closed all its copies.
    bool isReleased() const
    {
        char byte = 0;
        return readEnd >= 0 && ::read(readEnd, &byte, 1) == 0;
    }
};

namespace {

QDBusConnection nobody()
{
    return QDBusConnection(QStringLiteral("none"));
}

/// A bus of its own, so that the test's services meet nobody else's.
struct PrivateBus {
    QProcess daemon;
    QString address;
    PrivateBus()
    {
        daemon.start(QStringLiteral("dbus-daemon"), {QStringLiteral("--session"), QStringLiteral("--nofork"), QStringLiteral("--print-address")});
        if (daemon.waitForStarted() && daemon.waitForReadyRead())
            address = QString::fromUtf8(daemon.readLine()).trimmed();
    }
    ~PrivateBus()
    {
        daemon.kill();
        daemon.waitForFinished();
    }
};

}

using SleepInhibitorTest = tests::UiTest;

TEST_F(SleepInhibitorTest, HoldsTheComputerAwakeWhileARunTrains)
{
    if (QStandardPaths::findExecutable(QStringLiteral("dbus-daemon")).isEmpty())
        GTEST_SKIP() << "no dbus-daemon";
    PrivateBus bus;
    ASSERT_FALSE(bus.address.isEmpty());
    auto server = QDBusConnection::connectToBus(bus.address, QStringLiteral("inhibitor-server"));
    FakeLogind logind;
    ASSERT_TRUE(server.registerObject(QStringLiteral("/org/freedesktop/login1"), &logind, QDBusConnection::ExportAllSlots));
    ASSERT_TRUE(server.registerService(QStringLiteral("org.freedesktop.login1")));
    JobController jobs;
    SleepInhibitor inhibitor(jobs, [&] { return QDBusConnection::connectToBus(bus.address, QStringLiteral("inhibitor-client")); }, nobody);
    std::atomic<bool> ends {false};

    jobs.start(QStringLiteral("import"), [](const JobContext&) { return Status(); }, nullptr, {});
    QTest::qWait(100);
    EXPECT_TRUE(logind.asked.isEmpty());
    jobs.startTraining(QStringLiteral("train"), [&](pipeline::EventSink&, const JobContext&) {
        while (!ends)
            QThread::msleep(5);
        return Status();
    }, nullptr, {});

    EXPECT_TRUE(QTest::qWaitFor([&] { return inhibitor.isHolding(); }));  // not ASSERT: the job waits for `ends`
    EXPECT_EQ(logind.asked.value(0), QStringLiteral("sleep"));
    EXPECT_EQ(logind.asked.value(1), QStringLiteral("Attune"));
    EXPECT_EQ(logind.asked.value(3), QStringLiteral("block"));
    EXPECT_FALSE(logind.isReleased());
    ends = true;
    EXPECT_TRUE(QTest::qWaitFor([&] { return !inhibitor.isHolding() && logind.isReleased(); }));
    EXPECT_EQ(logind.asked.size(), 4);
    QDBusConnection::disconnectFromBus(QStringLiteral("inhibitor-client"));
    QDBusConnection::disconnectFromBus(QStringLiteral("inhibitor-server"));
}

TEST_F(SleepInhibitorTest, DoesWithoutABus)
{
    JobController jobs;
    SleepInhibitor inhibitor(jobs, nobody, nobody);

    jobs.startTraining(QStringLiteral("train"), [](pipeline::EventSink&, const JobContext&) { return Status(); }, nullptr, {});

    EXPECT_TRUE(QTest::qWaitFor([&] { return jobs.jobs().front().state == JobState::Done; }));
    EXPECT_FALSE(inhibitor.isHolding());
}

}

#include "sleep_inhibitor_test.moc"
