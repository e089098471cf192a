// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/job_controller.h"
#include "ui/fixture.h"

#include <QThread>

#include <gmock/gmock.h>

namespace attune::bridge {
namespace {

using testing::ElementsAre;
using tests::waitFor;

class Queue : public tests::UiTest
{
protected:
    int train(const QString& name)
    {
        return controller.startTraining(name, [this, name](pipeline::EventSink&, const JobContext& context) -> Status {
            order.push_back(name.toStdString());
            while (!context.isCancelled() && !finish.exchange(false))
                QThread::msleep(1);
            return {};
        }, nullptr, {});
    }
    JobState stateOf(int id)
    {
        for (const auto& job : controller.jobs())
            if (job.id == id)
                return job.state;
        return JobState::Cancelled;
    }
    std::atomic<bool> finish {false};
    std::vector<std::string> order;  // one training at a time
    JobController controller;
};

}

TEST_F(Queue, RunsOneTrainingAtATime)
{
    const int a = train(QStringLiteral("a")), b = train(QStringLiteral("b")), c = train(QStringLiteral("c"));
    EXPECT_EQ(stateOf(a), JobState::Running);
    EXPECT_EQ(stateOf(b), JobState::Waiting);
    EXPECT_EQ(controller.waiting(), 2);
    controller.moveToFront(c);
    finish = true;
    ASSERT_TRUE(waitFor([&] { return stateOf(c) == JobState::Running; }));
    EXPECT_EQ(stateOf(a), JobState::Done);
    EXPECT_EQ(stateOf(b), JobState::Waiting);
    finish = true;
    ASSERT_TRUE(waitFor([&] { return stateOf(b) == JobState::Running; }));
    finish = true;
    ASSERT_TRUE(waitFor([&] { return stateOf(b) == JobState::Done; }));
    EXPECT_THAT(order, ElementsAre("a", "c", "b"));
}

TEST_F(Queue, TakesAWaitingRunOut)
{
    const int a = train(QStringLiteral("a")), b = train(QStringLiteral("b"));
    controller.cancel(b);
    EXPECT_EQ(controller.waiting(), 0);
    finish = true;
    ASSERT_TRUE(waitFor([&] { return stateOf(a) == JobState::Done; }));
    EXPECT_EQ(order.size(), 1u);
}

TEST_F(Queue, OtherJobsDoNotWait)
{
    train(QStringLiteral("a"));
    bool isDone = false;
    controller.start(QStringLiteral("import"), [](const JobContext&) -> Status { return {}; }, &controller, [&](const Status&) { isDone = true; });
    EXPECT_TRUE(waitFor([&] { return isDone; }));
    finish = true;
}

}
