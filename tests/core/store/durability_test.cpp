// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/store.h"

#include "base/file.h"
#include "support/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

namespace attune::store {
namespace {

using testing::HasSubstr;

std::vector<MetricRow> batch(std::int64_t step, std::size_t rows)
{
    return std::vector<MetricRow>(rows, MetricRow {0, step, 0.1, "train", "loss", 1.0, step, 0.5});
}

/// Runs body in a child process, which never returns from here.
template<typename Body>
pid_t child(Body body)
{
    const pid_t pid = ::fork();
    if (pid == 0)
        ::_exit(body() ? 0 : 1);
    return pid;
}

int exitOf(pid_t pid)
{
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(StoreDurability, SeveralProcessesMakeRunsAtOnce)
{
    tests::TempDir folder;
    auto work = [&] {
        auto store = Store::open(folder.path());  // the workspace itself is made by all of them at once
        for (int i = 0; store && i < 10; ++i) {
            RunRow row;
            row.name = "bot";
            if (!(*store)->createRun(row) || !(*store)->appendMetrics(row.id, batch(1, 20)))
                return false;
        }
        return store.has_value();
    };
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i)
        children.push_back(child(work));
    for (const pid_t pid : children)
        EXPECT_EQ(exitOf(pid), 0);

    auto store = Store::open(folder.path());

    ASSERT_TRUE(store);
    EXPECT_EQ((*store)->runs()->size(), 40u);
    EXPECT_EQ((*store)->run("bot-40")->id, "bot-40");
    EXPECT_TRUE((*store)->checkIntegrity());
}

TEST(StoreDurability, AKillInTheMiddleOfWritesLeavesWholeTransactions)
{
    constexpr std::size_t kRows = 500;
    tests::TempDir folder;
    RunRow row;
    row.name = "bot";
    ASSERT_TRUE((*Store::open(folder.path()))->createRun(row));
    for (int round = 0; round < 5; ++round) {
        const pid_t pid = child([&] {
            auto store = Store::open(folder.path());
            for (std::int64_t step = 1; store; ++step)
                if (!(*store)->appendMetrics(row.id, batch(step, kRows)))
                    return false;
            return false;
        });
        auto watch = Store::open(folder.path());
        const auto before = (*watch)->metrics(row.id)->size();
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while ((*watch)->metrics(row.id)->size() < before + 3 * kRows && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(std::chrono::milliseconds(1 + 3 * round));
        ::kill(pid, SIGKILL);
        EXPECT_EQ(exitOf(pid), -1);

        auto store = Store::open(folder.path());

        ASSERT_TRUE(store) << store.error().message;
        EXPECT_TRUE((*store)->checkIntegrity());
        EXPECT_GE((*store)->metrics(row.id)->size(), before + 3 * kRows);
        EXPECT_EQ((*store)->metrics(row.id)->size() % kRows, 0u);
    }
}

TEST(StoreDurability, LiftsAVersionOneDatabaseAndKeepsACopy)
{
    tests::TempDir folder;
    const auto sql = readFile(tests::sourceDir() + "/tests/fixtures/store/version_1.sql");
    ASSERT_TRUE(sql);
    SQLite::Database(folder.path("attune.sqlite"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec(*sql);

    auto store = Store::open(folder.path());

    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ((*store)->run("bot-1")->trainLoss, 1.25);
    EXPECT_EQ((*store)->run("bot-2")->colour, 1);
    EXPECT_EQ((*store)->metrics("bot-1")->size(), 2u);
    ASSERT_TRUE((*store)->annotateRun("bot-1", "note", {}, false));
    SQLite::Database copy(folder.path("attune.sqlite.backup-v1"));
    EXPECT_EQ(copy.execAndGet("PRAGMA user_version").getInt(), 1);
    EXPECT_EQ(copy.execAndGet("SELECT count(*) FROM run").getInt(), 2);
}

TEST(StoreDurability, LeavesADatabaseOfANewerVersionAlone)
{
    tests::TempDir folder;
    ASSERT_TRUE(Store::open(folder.path()));
    SQLite::Database(folder.path("attune.sqlite"), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 999");

    const auto store = Store::open(folder.path());

    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::StoreCorrupt);
    EXPECT_THAT(store.error().message, HasSubstr("newer"));
    EXPECT_THAT(store.error().hint, HasSubstr("Update"));
}

TEST(StoreDurability, LeavesTheDatabaseOfAnotherProgramAlone)
{
    tests::TempDir folder;
    SQLite::Database(folder.path("attune.sqlite"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE bookmark (url TEXT)");

    const auto store = Store::open(folder.path());

    ASSERT_FALSE(store);
    EXPECT_THAT(store.error().message, HasSubstr("another program"));
}

TEST(StoreDurability, SaysWhatToDoAboutADamagedDatabase)
{
    tests::TempDir folder;
    folder.write("attune.sqlite", std::string(20'000, 'x'));

    const auto store = Store::open(folder.path());

    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::StoreCorrupt);
    EXPECT_THAT(store.error().message, HasSubstr("attune.sqlite is damaged"));
    EXPECT_THAT(store.error().hint, HasSubstr("Move"));
}

TEST(StoreDurability, FindsAPageThatWasOverwritten)
{
    tests::TempDir folder;
    RunRow row;
    row.name = "bot";
    {
        auto store = Store::open(folder.path());
        ASSERT_TRUE((*store)->createRun(row));
        ASSERT_TRUE((*store)->appendMetrics(row.id, batch(1, 20'000)));
    }
    const std::string path = folder.path("attune.sqlite");
    SQLite::Database(path, SQLite::OPEN_READWRITE).exec("PRAGMA wal_checkpoint(TRUNCATE)");
    auto bytes = readFile(path);
    ASSERT_TRUE(bytes);
    for (std::size_t i = bytes->size() / 2; i < bytes->size() / 2 + 40'000; ++i)
        (*bytes)[i] = 'x';
    ASSERT_TRUE(writeFileAtomically(path, *bytes));

    auto store = Store::open(folder.path());

    ASSERT_TRUE(store) << store.error().message;
    const auto status = (*store)->checkIntegrity();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::StoreCorrupt);
    const auto metrics = (*store)->metrics(row.id);
    EXPECT_TRUE(metrics || metrics.error().code == ErrorCode::StoreCorrupt);
}

}
}
