// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/job_controller.h"
#include "bridge/mailbox.h"
#include "bridge/text.h"
#include "bridge/workspace.h"
#include "support/history.h"
#include "support/paths.h"
#include "ui/fixture.h"

#include <QThread>

#include <gmock/gmock.h>

#include <ctime>

#include <atomic>
#include <stdexcept>

namespace attune::bridge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using tests::waitFor;

const pipeline::StepDone* stepOf(const pipeline::Event& event)
{
    return std::get_if<pipeline::StepDone>(&event);
}

pipeline::StepDone step(int number)
{
    pipeline::StepDone event;
    event.step = number;
    return event;
}

class NamesTest : public tests::UiTest {};

TEST_F(NamesTest, DatasetsHaveTheirVersionInWords)
{
    EXPECT_EQ(datasetName("gsm8k@12").toStdString(), "gsm8k v12");
    EXPECT_EQ(datasetName("gsm8k@1:train").toStdString(), "gsm8k v1:train");
    EXPECT_EQ(datasetName("gsm8k").toStdString(), "gsm8k");
    EXPECT_EQ(datasetName("/data/rows.jsonl").toStdString(), "rows.jsonl");
    EXPECT_EQ(datasetName("me@home").toStdString(), "me@home");
}

TEST_F(NamesTest, ModelsOfAPathHaveItsLastPart)
{
    EXPECT_EQ(modelName("/data/models/Qwen.gguf").toStdString(), "Qwen.gguf");
    EXPECT_EQ(modelName("models/Qwen/").toStdString(), "Qwen");
    EXPECT_EQ(modelName("smollm2-135m-instruct").toStdString(), "smollm2-135m-instruct");
    EXPECT_EQ(modelName("").toStdString(), "");
}

class Jobs : public tests::UiTest
{
protected:
    JobState stateOf(int id) const
    {
        for (const auto& job : controller.jobs())
            if (job.id == id)
                return job.state;
        return JobState::Failed;
    }
    bool finish(int id)
    {
        return waitFor([&] { return stateOf(id) != JobState::Running; });
    }
    JobController controller;
};

class WorkspaceTest : public tests::UiTest
{
protected:
    tests::TempDir dir;
    Workspace workspace {toQString(dir.path("w"))};
};

}

TEST(MailboxTest, KeepsEverythingBelowItsBound)
{
    Mailbox mailbox(100);
    for (int i = 0; i < 100; ++i)
        mailbox.post(step(i));

    const auto events = mailbox.drain();

    ASSERT_EQ(events.size(), 100u);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(stepOf(events[static_cast<std::size_t>(i)])->step, i);
    EXPECT_TRUE(mailbox.drain().empty());
}

TEST(MailboxTest, ThinsStepsOnlyAndKeepsTheOrder)
{
    Mailbox mailbox(64);
    for (int i = 0; i < 5000; ++i) {
        mailbox.post(step(i));
        if (i % 500 == 0)
            mailbox.post(pipeline::CheckpointSaved {i, "checkpoint", false});
    }

    const auto events = mailbox.drain();

    EXPECT_LE(events.size(), 64u + 10u);
    std::vector<std::int64_t> checkpoints;
    std::int64_t last = -1;
    for (const auto& event : events) {
        const auto* saved = std::get_if<pipeline::CheckpointSaved>(&event);
        const std::int64_t at = saved ? saved->step : stepOf(event)->step;
        EXPECT_GE(at, last);
        last = at;
        if (saved)
            checkpoints.push_back(at);
    }
    EXPECT_THAT(checkpoints, ElementsAre(0, 500, 1000, 1500, 2000, 2500, 3000, 3500, 4000, 4500));
    EXPECT_EQ(last, 4999);
}

TEST(MailboxTest, KeepsTheNewestStepWhenItThins)
{
    for (const int count : {9, 10, 13, 17}) {
        Mailbox mailbox(8);
        for (int i = 0; i < count; ++i)
            mailbox.post(step(i));
        EXPECT_EQ(stepOf(mailbox.drain().back())->step, count - 1);
    }
}

TEST(MailboxTest, NeverDropsOtherEvents)
{
    Mailbox mailbox(8);
    for (int i = 0; i < 100; ++i)
        mailbox.post(pipeline::SampleText {i, "prompt", "text"});

    EXPECT_EQ(mailbox.drain().size(), 100u);
}

TEST_F(Jobs, RunOffTheUiThreadAndAnswerOnIt)
{
    std::atomic<QThread*> worker {nullptr};
    QThread* answered = nullptr;
    bool ok = false;
    const int id = controller.start(
        QStringLiteral("Counting"),
        [&](const JobContext& context) -> Status {
            worker = QThread::currentThread();
            context.report("Reading rows", 3, 10);
            return {};
        },
        &controller,
        [&](const Status& status) {
            answered = QThread::currentThread();
            ok = static_cast<bool>(status);
        });

    ASSERT_TRUE(finish(id));
    EXPECT_NE(worker, QThread::currentThread());
    EXPECT_EQ(answered, QThread::currentThread());
    EXPECT_TRUE(ok);
    const JobInfo info = controller.jobs().front();
    EXPECT_EQ(info.state, JobState::Done);
    EXPECT_EQ(info.phase, QStringLiteral("Reading rows"));
    EXPECT_EQ(info.done, 3);
    EXPECT_EQ(info.total, 10);
}

TEST_F(Jobs, EndAsCancelledWhenAsked)
{
    const int id = controller.start(
        QStringLiteral("Waiting"),
        [](const JobContext& context) -> Status {
            while (!context.isCancelled())
                QThread::msleep(1);
            return fail(ErrorCode::Cancelled, "Stopped.");
        },
        nullptr, {});
    EXPECT_EQ(stateOf(id), JobState::Running);

    controller.cancel(id);

    ASSERT_TRUE(finish(id));
    EXPECT_EQ(stateOf(id), JobState::Cancelled);
}

TEST_F(Jobs, TurnExceptionsIntoErrors)
{
    Status got;
    const int id = controller.start(
        QStringLiteral("Throwing"), [](const JobContext&) -> Status { throw std::runtime_error("the fan fell off"); }, &controller, [&](const Status& status) { got = status; });

    ASSERT_TRUE(finish(id));
    ASSERT_FALSE(got);
    EXPECT_THAT(got.error().message, HasSubstr("the fan fell off"));
    EXPECT_EQ(stateOf(id), JobState::Failed);

    const int memory = controller.start(QStringLiteral("Filling"), [](const JobContext&) -> Status { throw std::bad_alloc(); }, nullptr, {});
    ASSERT_TRUE(finish(memory));
    EXPECT_EQ(controller.jobs().front().error.kind(), ErrorKind::Memory);
}

TEST_F(Jobs, LeaveADeadReceiverAlone)
{
    auto receiver = std::make_unique<QObject>();
    bool called = false;
    const int id = controller.start(QStringLiteral("Late"), [](const JobContext&) -> Status { return {}; }, receiver.get(), [&](const Status&) { called = true; });
    receiver.reset();

    ASSERT_TRUE(finish(id));
    EXPECT_FALSE(called);
}

TEST_F(Jobs, PassTrainingEventsOnInOrder)
{
    std::vector<std::int64_t> steps;
    QObject::connect(&controller, &JobController::events, &controller, [&](const std::vector<pipeline::Event>& events) {
        EXPECT_EQ(QThread::currentThread(), controller.thread());
        for (const auto& event : events)
            if (const auto* done = stepOf(event))
                steps.push_back(done->step);
    });
    QString run;
    const int id = controller.startTraining(
        QStringLiteral("Training"),
        [](pipeline::EventSink& sink, const JobContext& context) -> Status {
            pipeline::RunStarted started;
            started.run = "story-1";
            sink.post(started);
            for (int i = 1; i <= 50; ++i)
                sink.post(step(i));
            while (!context.isCancelled())
                QThread::msleep(1);
            return {};
        },
        nullptr, {});
    EXPECT_TRUE(controller.isTraining());
    ASSERT_TRUE(waitFor([&] { return steps.size() == 50; }));
    EXPECT_EQ(controller.trainingRun(), QStringLiteral("story-1"));
    EXPECT_TRUE(std::is_sorted(steps.begin(), steps.end()));

    controller.cancelAll();
    ASSERT_TRUE(finish(id));
    EXPECT_FALSE(controller.isTraining());
}

TEST_F(Jobs, AreStoppedAndJoinedByDestruction)
{
    std::atomic<bool> started {false}, ended {false};
    {
        JobController mine;
        mine.start(
            QStringLiteral("Endless"),
            [&](const JobContext& context) -> Status {
                started = true;
                while (!context.isCancelled())
                    QThread::msleep(1);
                QThread::msleep(30);
                ended = true;
                return {};
            },
            nullptr, {});
        while (!started)
            QThread::msleep(1);
    }
    EXPECT_TRUE(ended);
}

TEST_F(WorkspaceTest, AnswersInOrderOnTheUiThread)
{
    std::vector<int> answers;
    QObject receiver;
    for (int i = 0; i < 20; ++i)
        workspace.query<int>(
            &receiver,
            [i](store::Store&) -> Result<int> {
                QThread::msleep(static_cast<unsigned long>(i % 3));
                return i;
            },
            [&](Result<int> value) {
                EXPECT_EQ(QThread::currentThread(), receiver.thread());
                answers.push_back(*value);
            });

    ASSERT_TRUE(waitFor([&] { return answers.size() == 20; }));
    EXPECT_TRUE(std::is_sorted(answers.begin(), answers.end()));
}

TEST_F(WorkspaceTest, SurvivesAReceiverThatDies)
{
    auto receiver = std::make_unique<QObject>();
    QObject other;
    bool first = false, second = false;
    workspace.query<int>(receiver.get(), [](store::Store&) -> Result<int> { QThread::msleep(20); return 1; }, [&](Result<int>) { first = true; });
    workspace.query<int>(&other, [](store::Store&) -> Result<int> { return 2; }, [&](Result<int>) { second = true; });
    receiver.reset();

    ASSERT_TRUE(waitFor([&] { return second; }));
    EXPECT_FALSE(first);
}

TEST_F(WorkspaceTest, PassesErrorsToTheAsker)
{
    std::string said;
    QObject receiver;
    workspace.query<store::RunRow>(&receiver, [](store::Store& store) { return store.run("no-such-run"); }, [&](Result<store::RunRow> row) { said = row ? "found" : row.error().message; });

    ASSERT_TRUE(waitFor([&] { return !said.empty(); }));
    EXPECT_THAT(said, HasSubstr("no-such-run"));
}

TEST_F(WorkspaceTest, SaysWhenItCannotBeOpened)
{
    Workspace broken(toQString(dir.write("file", "not a folder") + "/inside"));
    std::string said;
    QObject receiver;
    broken.query<int>(&receiver, [](store::Store&) -> Result<int> { return 1; }, [&](Result<int> value) { said = value ? "opened" : value.error().message; });

    ASSERT_TRUE(waitFor([&] { return !said.empty(); }));
    EXPECT_NE(said, "opened");
}

TEST_F(WorkspaceTest, TellsOfItsOwnWritesAndOfThoseOfOthers)
{
    int changes = 0;
    bool isOpen = false;
    QObject receiver;
    QObject::connect(&workspace, &Workspace::changed, &receiver, [&] { ++changes; });
    workspace.query<int>(&receiver, [](store::Store&) -> Result<int> { return 0; }, [&](Result<int>) { isOpen = true; });
    ASSERT_TRUE(waitFor([&] { return isOpen; }));
    EXPECT_EQ(changes, 0);

    workspace.write([](store::Store& store) -> Status {
        tests::addRun(store, "mine", store::RunStatus::Completed, 10, 10, 1);
        return {};
    });
    ASSERT_TRUE(waitFor([&] { return changes == 1; }));

    auto other = store::Store::open(dir.path("w"));
    ASSERT_TRUE(other);
    tests::addRun(**other, "theirs", store::RunStatus::Completed, 10, 10, 2);
    EXPECT_TRUE(waitFor([&] { return changes >= 2; }));
}

TEST(Text, GroupsDigits)
{
    EXPECT_EQ(grouped(0), QStringLiteral("0"));
    EXPECT_EQ(grouped(999), QStringLiteral("999"));
    EXPECT_EQ(grouped(1000), QStringLiteral("1\u00A0000"));
    EXPECT_EQ(grouped(12477), QStringLiteral("12\u00A0477"));
    EXPECT_EQ(grouped(-1234567), QStringLiteral("\u22121\u00A0234\u00A0567"));
}

TEST(Text, ChoosesTheUnitOfASize)
{
    EXPECT_EQ(size(512), QStringLiteral("0.5\u00A0KiB"));
    EXPECT_EQ(size(200 * 1024), QStringLiteral("200\u00A0KiB"));
    EXPECT_EQ(size(1.5 * 1024 * 1024), QStringLiteral("1.5\u00A0MiB"));
    EXPECT_EQ(size(17 * 1024 * 1024), QStringLiteral("17\u00A0MiB"));
    EXPECT_EQ(size(97.0 * 1024 * 1024), QStringLiteral("0.09\u00A0GiB"));
    EXPECT_EQ(gib(5.6 * 1024 * 1024 * 1024), QStringLiteral("5.6"));
}

TEST(Text, CountsParameters)
{
    EXPECT_EQ(parameters(494'032'768), QStringLiteral("494\u00A0M"));
    EXPECT_EQ(parameters(8.8e6), QStringLiteral("8.8\u00A0M"));
    EXPECT_EQ(parameters(1'543'714'304), QStringLiteral("1.54\u00A0B"));
    EXPECT_EQ(parameters(460'800), QStringLiteral("461\u00A0k"));
    EXPECT_EQ(parameters(9'216), QStringLiteral("9\u00A0216"));
}

TEST(Text, TellsDurations)
{
    EXPECT_EQ(duration(0), QStringLiteral("0:00"));
    EXPECT_EQ(duration(59.6), QStringLiteral("1:00"));
    EXPECT_EQ(duration(28 * 60 + 6), QStringLiteral("28:06"));
    EXPECT_EQ(duration(3600 + 2 * 60 + 11), QStringLiteral("1:02:11"));
    EXPECT_EQ(duration(3599.7), QStringLiteral("1:00:00"));
    EXPECT_EQ(duration(-1), QStringLiteral("–"));
    EXPECT_EQ(duration(std::numeric_limits<double>::infinity()), QStringLiteral("–"));
}

TEST(Text, RoundsEstimatesUp)
{
    EXPECT_EQ(roughTime(12), QStringLiteral("15 s"));
    EXPECT_EQ(roughTime(61), QStringLiteral("2 min"));
    EXPECT_EQ(roughTime(20 * 60 + 1), QStringLiteral("21 min"));
    EXPECT_EQ(roughTime(41 * 60), QStringLiteral("45 min"));
    EXPECT_EQ(roughTime(3 * 3600), QStringLiteral("3 h"));
    EXPECT_EQ(roughTime(3 * 3600 + 1), QStringLiteral("3 h 5 min"));
    EXPECT_EQ(roughTime(60 * 3600), QStringLiteral("2.5 days"));
}

TEST(Text, ShowsALogOnTheClockOfThePlace)
{
    const QByteArray before = qgetenv("TZ");
    qputenv("TZ", "UTC-3");
    ::tzset();
    EXPECT_EQ(localLogLine(QStringLiteral("2026-11-12T22:58:03Z step 1: loss 2")), QStringLiteral("2026-11-13 01:58:03 step 1: loss 2"));
    EXPECT_EQ(localLogLine(QStringLiteral("a line of a library")), QStringLiteral("a line of a library"));
    before.isNull() ? qunsetenv("TZ") : qputenv("TZ", before);
    ::tzset();
}

TEST(Text, WritesLearningRatesAsPeopleDo)
{
    EXPECT_EQ(scientific(2e-4), QStringLiteral("2e-4"));
    EXPECT_EQ(scientific(7.7e-5), QStringLiteral("7.7e-5"));
    EXPECT_EQ(scientific(0), QStringLiteral("0"));
    EXPECT_EQ(scientific(-3e-7), QStringLiteral("\u22123e-7"));
    EXPECT_EQ(scientific(1e12), QStringLiteral("1e12"));
}

TEST(Text, TellsTheTime)
{
    const QDateTime now = QDateTime::currentDateTime();
    const QString clock = now.toString(QStringLiteral("HH:mm"));
    const auto utc = [](const QDateTime& time) { return time.toUTC().toString(Qt::ISODate); };
    EXPECT_EQ(when(utc(now)), QStringLiteral("today ") + clock);
    EXPECT_EQ(when(utc(now.addDays(-1))), QStringLiteral("yesterday ") + now.addDays(-1).toString(QStringLiteral("HH:mm")));
    EXPECT_EQ(when(QStringLiteral("2020-11-12T12:00:00Z")), QStringLiteral("12 Nov 2020"));
    EXPECT_EQ(when({}), QStringLiteral("–"));
}

}
