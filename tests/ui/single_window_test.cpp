// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/single_window.h"
#include "ui/fixture.h"

#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>

namespace attune::shell {
namespace {

class SingleWindowTest : public tests::UiTest
{
protected:
    SingleWindowTest()
    {
        m_before = qgetenv("XDG_RUNTIME_DIR");
        qputenv("XDG_RUNTIME_DIR", m_folder.path().toUtf8());
    }
    ~SingleWindowTest() override { qputenv("XDG_RUNTIME_DIR", m_before); }

    QTemporaryDir m_folder;
    QByteArray m_before;
};

TEST_F(SingleWindowTest, FirstStartHasNobodyToHandOverTo)
{
    EXPECT_FALSE(SingleWindow(QStringLiteral("/ws")).handOver({QStringLiteral("/a.jsonl")}));
}

TEST_F(SingleWindowTest, SecondStartHandsItsFilesOver)
{
    SingleWindow first(QStringLiteral("/ws"));
    ASSERT_TRUE(first.listen());
    QStringList files;
    int times = 0;
    QObject::connect(&first, &SingleWindow::filesArrived, [&](const QStringList& arrived) {
        files += arrived;
        ++times;
    });
    const QStringList sent {QStringLiteral("/data/a b.jsonl"), QStringLiteral("/data/ä.csv")};
    EXPECT_TRUE(SingleWindow(QStringLiteral("/ws")).handOver(sent));
    ASSERT_TRUE(tests::waitFor([&] { return times == 1; }));
    EXPECT_EQ(files, sent);
    EXPECT_TRUE(SingleWindow(QStringLiteral("/ws")).handOver({}));
    ASSERT_TRUE(tests::waitFor([&] { return times == 2; }));
    EXPECT_EQ(files, sent);
}

TEST_F(SingleWindowTest, WorkspacesAreApart)
{
    SingleWindow first(QStringLiteral("/ws"));
    ASSERT_TRUE(first.listen());
    EXPECT_FALSE(SingleWindow(QStringLiteral("/other")).handOver({}));
}

TEST_F(SingleWindowTest, SocketIsTheUsersOwnAndGoesWithTheWindow)
{
    QString path;
    {
        SingleWindow window(QStringLiteral("/ws"));
        ASSERT_TRUE(window.listen());
        path = window.path();
        EXPECT_EQ(QFile::permissions(path) & (QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther), QFile::Permissions());
    }
    EXPECT_FALSE(QFileInfo::exists(path));
}

TEST_F(SingleWindowTest, WhatACrashLeftIsReplaced)
{
    SingleWindow window(QStringLiteral("/ws"));
    QFile left(window.path());
    ASSERT_TRUE(left.open(QIODevice::WriteOnly));
    left.close();
    EXPECT_FALSE(window.handOver({}));
    EXPECT_TRUE(window.listen());
    EXPECT_TRUE(SingleWindow(QStringLiteral("/ws")).handOver({}));
}

}
}
