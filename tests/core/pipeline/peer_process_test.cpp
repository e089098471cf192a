// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/peer_process.h"

#include "support/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace attune::pipeline {

TEST(PeerProcess, GivesLinesCodeAndTheEndOfItsErrors)
{
    const tests::TempDir folder;
    std::vector<std::string> lines;

    const auto report = runProcess({"sh", "-c", "echo one; echo two >&2; printf three; exit 3"}, folder.path(), [&](const std::string& line, double) { lines.push_back(line); }, {});

    ASSERT_TRUE(report) << report.error().message;
    EXPECT_THAT(lines, testing::ElementsAre("one", "three"));
    EXPECT_EQ(report->code, 3);
    EXPECT_EQ(report->errors, "two\n");
    EXPECT_GT(report->peakBytes, 0);
}

TEST(PeerProcess, EndsWhenItIsCancelled)
{
    const tests::TempDir folder;
    std::stop_source stop;
    std::jthread canceller([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        stop.request_stop();
    });

    const auto report = runProcess({"sleep", "60"}, folder.path(), {}, JobContext {stop.get_token(), {}});

    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::Cancelled);
}

TEST(PeerProcess, ProgramsThatTakeTurnsRunOneAtATime)
{
    const tests::TempDir folder;
    std::string order;
    double slept = 0;
    const auto taker = [&](const std::string& name, const std::string& script) {
        return TurnTaker {{"sh", "-c", script}, [&order, &slept, name](const std::string& line, double seconds) {
            order += name + line + " ";
            if (name == "a")
                slept = seconds;
            return true;
        }};
    };

    const auto reports = runByTurns({taker("a", "for i in 1 2 3 4; do sleep 0.1; echo $i; done; exit 5"), taker("b", "for i in 1 2 3; do sleep 0.3; echo $i; done")}, folder.path(), {});

    ASSERT_TRUE(reports) << reports.error().message;
    EXPECT_EQ(order, "a1 b1 b2 a2 a3 b3 a4 ");
    EXPECT_EQ((*reports)[0].code, 5);
    EXPECT_EQ((*reports)[1].code, 0);
    // Its own four tenths, not the other's nine besides.
    EXPECT_GE(slept, 0.3);
    EXPECT_LT(slept, 0.95);
}

TEST(PeerProcess, AStoppedProgramEndsToo)
{
    const tests::TempDir folder;
    std::stop_source stop;
    const auto first = [](const std::string&, double) { return true; };

    const auto reports = runByTurns({{{"sh", "-c", "echo on; sleep 60"}, first}, {{"sh", "-c", "echo on; sleep 60"}, [&](const std::string&, double) {
        stop.request_stop();
        return false;
    }}}, folder.path(), JobContext {stop.get_token(), {}});

    ASSERT_FALSE(reports);
    EXPECT_EQ(reports.error().code, ErrorCode::Cancelled);
}

TEST(PeerProcess, AsksAPythonForNumbersAndDoesWithoutOne)
{
    const tests::TempDir folder;
    EXPECT_FALSE(askPeer("/no/such/python", folder.path(), "print(1)", {}, {}));
    EXPECT_FALSE(askPeer("", folder.path(), "print(1)", {}, {}));
    // Any program that takes a file will do for a Python.
    const auto answer = askPeer("sh", folder.path(), "echo noise; echo 1.5 $1", {"2"}, {});
    ASSERT_TRUE(answer);
    EXPECT_THAT(answer->numbers, testing::ElementsAre(1.5, 2.0));
    EXPECT_FALSE(askPeer("sh", folder.path(), "echo 1; exit 1", {}, {}));
}

}
