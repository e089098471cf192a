// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/trainer.h"

#include "pipeline/checkpoints.h"
#include "support/bigram_model.h"
#include "support/shards.h"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>

namespace attune::trainer {
namespace {

using namespace pipeline;

/// Keeps what was posted.
struct Recorder final : EventSink {
    void post(Event event) override
    {
        const std::scoped_lock lock(mutex);
        if (onPost)
            onPost(event);
        events.push_back(std::move(event));
    }
    template<typename T>
    std::vector<T> all() const
    {
        std::vector<T> found;
        for (const auto& event : events)
            if (const T* value = std::get_if<T>(&event))
                found.push_back(*value);
        return found;
    }
    std::mutex mutex;
    std::vector<Event> events;
    std::function<void(const Event&)> onPost;
};

struct TrainerTest : testing::Test {
    tests::TempDir folder;
    tokenizer::TokenShard shard = tests::makeShard(folder, 60);
    Recorder sink;
    std::stop_source stop;

    TrainerTest() { at::set_num_threads(1); }  // tiny tensors: a second thread only waits

    Settings settings()
    {
        Settings s;
        s.batches = {true, true, 2, 16};
        s.accumulation = 2;
        s.learningRate = 0.05;
        s.epochs = 2;
        s.evalEverySteps = 5;
        s.checkpointEverySteps = 4;
        return s;
    }
    TrainTask task(model::CausalLm& model, const std::string& name = "run")
    {
        TrainTask t;
        t.model = &model;
        t.settings = settings();
        t.train = &shard;
        for (std::int64_t row = 0; row < 50; ++row)
            t.trainRows.push_back(row);
        t.eval = &shard;
        for (std::int64_t row = 50; row < 60; ++row)
            t.evalRows.push_back(row);
        t.run = "run-1";
        t.folder = folder.path(name);
        return t;
    }
    Result<RunFinished> train(TrainTask t) { return Trainer(std::move(t), sink, JobContext {stop.get_token(), {}}).run(); }
};

}

TEST_F(TrainerTest, LearnsAndTellsEachStep)
{
    tests::BigramModel model(16);

    const auto report = train(task(model));

    ASSERT_TRUE(report) << report.error().message;
    const auto steps = sink.all<StepDone>();
    EXPECT_EQ(report->status, "completed");
    EXPECT_EQ(report->stepsDone, static_cast<std::int64_t>(steps.size()));
    EXPECT_LT(steps.back().loss, 0.7 * steps.front().loss);
    EXPECT_DOUBLE_EQ(steps.front().learningRate, 0.0);  // warm-up: the first update does nothing
    EXPECT_DOUBLE_EQ(steps.back().epoch, 2.0);
    std::int64_t tokens = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        EXPECT_EQ(steps[i].step, static_cast<std::int64_t>(i) + 1);
        tokens += steps[i].tokens;
        EXPECT_EQ(steps[i].totalTokens, tokens);
        EXPECT_GT(steps[i].memoryBytes, 1 << 20);
    }
    EXPECT_EQ(report->tokens, tokens);
    const auto evaluations = sink.all<EvalDone>();
    ASSERT_GE(evaluations.size(), 2u);
    EXPECT_EQ(evaluations.back().step, report->stepsDone);
    EXPECT_NEAR(evaluations.back().metrics.at("loss"), report->evalLoss, 1e-9);
    EXPECT_LT(evaluations.back().metrics.at("loss"), evaluations.front().metrics.at("loss"));
}

TEST_F(TrainerTest, CountsStepsAsHf)
{
    tests::BigramModel model(16);
    auto t = task(model);
    t.settings.batches = {false, false, 8, 16};  // 50 rows: 7 micro-batches, 4 steps an epoch
    t.settings.epochs = 3;

    ASSERT_TRUE(train(std::move(t)));

    EXPECT_EQ(sink.all<StepDone>().size(), 12u);
    EXPECT_EQ(model.batches, 21);
    EXPECT_EQ(model.changes, 12);
    EXPECT_DOUBLE_EQ(sink.all<StepDone>()[3].epoch, 1.0);
}

TEST_F(TrainerTest, AveragesTheLossOverTheTokensOfTheWholeWindow)
{
    const auto oneStep = [&](std::int64_t batchSize, std::int64_t accumulation, const std::string& name) {
        tests::BigramModel model(16);
        auto t = task(model, name);
        t.settings.batches = {false, false, batchSize, 16};
        t.settings.accumulation = accumulation;
        t.settings.maxSteps = 1;
        t.settings.warmupRatio = 0;
        EXPECT_TRUE(train(std::move(t)));
        return std::pair {sink.all<StepDone>().back(), model.table().clone()};
    };

    const auto [whole, tableWhole] = oneStep(12, 1, "whole");
    const auto [pieces, tablePieces] = oneStep(4, 3, "pieces");

    EXPECT_EQ(whole.trainedTokens, pieces.trainedTokens);
    EXPECT_NEAR(whole.loss, pieces.loss, 1e-6 * whole.loss);
    EXPECT_LT((tableWhole - tablePieces).abs().max().item<double>(), 1e-5);
}

/// How many tokens the model knows, and by which optimizer it learns: states of 8 bits begin at 4 096 values.
struct ResumedRun : TrainerTest, testing::WithParamInterface<std::pair<std::int64_t, const char*>> {
    TrainTask taskOf(model::CausalLm& model, const std::string& name)
    {
        auto t = task(model, name);
        t.settings.optimizer = GetParam().second;
        return t;
    }
};
INSTANTIATE_TEST_SUITE_P(TrainerTest, ResumedRun, testing::Values(std::pair {std::int64_t(16), "adamw"}, std::pair {std::int64_t(64), "adamw_8bit"}),
    [](const auto& parameter) { return parameter.param.second; });

TEST_P(ResumedRun, EndsWithTheSameBits)
{
    const auto size = GetParam().first;
    tests::BigramModel straight(size, 0.3);
    ASSERT_TRUE(train(taskOf(straight, "straight")));
    const auto expected = sink.all<StepDone>();
    sink.events.clear();

    // The first attempt ends like a killed process: at step 7, the newest checkpoint is step 4's.
    tests::BigramModel first(size, 0.3);
    auto t = taskOf(first, "resumed");
    sink.onPost = [&](const Event& event) {
        if (const auto* step = std::get_if<StepDone>(&event); step && step->step == 7)
            throw std::runtime_error("killed");
    };
    EXPECT_FALSE(train(std::move(t)));
    sink.onPost = nullptr;
    const auto checkpoints = checkpointsOf(folder.path("resumed"));
    ASSERT_FALSE(checkpoints.empty());
    EXPECT_EQ(checkpoints.back().step, 4);
    tests::BigramModel second(size, 0.3, /*seed=*/99);
    t = taskOf(second, "resumed");
    t.resumeFrom = checkpoints.back().folder;
    sink.events.clear();
    const auto report = train(std::move(t));

    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(torch::equal(straight.table(), second.table()));
    const auto steps = sink.all<StepDone>();
    ASSERT_EQ(steps.size(), expected.size() - 4);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        EXPECT_EQ(steps[i].step, expected[i + 4].step);
        EXPECT_EQ(steps[i].loss, expected[i + 4].loss);
        EXPECT_EQ(steps[i].totalTokens, expected[i + 4].totalTokens);
    }
}

TEST_F(TrainerTest, StopsBetweenMicroBatchesAndResumesToTheSameBits)
{
    tests::BigramModel straight(16, 0.3);
    ASSERT_TRUE(train(task(straight, "straight")));
    tests::BigramModel first(16, 0.3);
    first.onAccumulate = [&] {
        if (first.batches == 12)  // in the middle of step 6's window
            stop.request_stop();
    };

    const auto stopped = train(task(first, "stopped"));

    ASSERT_TRUE(stopped);
    EXPECT_EQ(stopped->status, "stopped");
    const auto checkpoint = checkpointsOf(folder.path("stopped")).back();
    EXPECT_EQ(checkpoint.step, stopped->stepsDone);
    EXPECT_EQ(stopped->adapter, checkpoint.folder + "/adapter");
    stop = {};
    tests::BigramModel second(16, 0.3, 99);
    auto t = task(second, "stopped");
    t.resumeFrom = checkpoint.folder;
    ASSERT_TRUE(train(std::move(t)));
    EXPECT_TRUE(torch::equal(straight.table(), second.table()));
}

TEST_F(TrainerTest, KeepsTheNewestCheckpointsAndTheBest)
{
    tests::BigramModel model(16);
    auto t = task(model);
    t.settings.maxSteps = 12;
    t.settings.checkpointEverySteps = 2;
    t.settings.keepCheckpoints = 2;

    ASSERT_TRUE(train(std::move(t)));

    const auto kept = checkpointsOf(folder.path("run"));
    ASSERT_EQ(kept.size(), 2u);
    EXPECT_EQ(kept[0].step, 10);
    EXPECT_EQ(kept[1].step, 12);
    EXPECT_EQ(sink.all<CheckpointSaved>().size(), 6u);
}

TEST_F(TrainerTest, KeepsTheBestCheckpointWhereAskedTo)
{
    tests::BigramModel model(16);
    auto t = task(model);
    t.settings.learningRate = 0.5;  // overfits at once
    t.settings.epochs = 6;
    t.settings.keepBest = true;
    t.settings.keepCheckpoints = 1;
    t.settings.evalEverySteps = 1;

    const auto report = train(std::move(t));

    ASSERT_TRUE(report);
    double best = 1e9;
    std::int64_t bestStep = 0;
    for (const auto& e : sink.all<EvalDone>())
        if (e.metrics.at("loss") < best) {
            best = e.metrics.at("loss");
            bestStep = e.step;
        }
    EXPECT_EQ(report->bestStep, bestStep);
    ASSERT_LT(bestStep, report->stepsDone);
    EXPECT_TRUE(findCheckpoint(folder.path("run"), "best", bestStep));
    EXPECT_EQ(checkpointsOf(folder.path("run")).size(), 2u);
}

TEST_F(TrainerTest, EndsEarlyWithoutImprovement)
{
    tests::BigramModel model(16);
    auto t = task(model);
    t.settings.learningRate = 0.5;
    t.settings.epochs = 20;
    t.settings.evalEverySteps = 1;
    t.settings.earlyStoppingPatience = 3;

    const auto report = train(std::move(t));

    ASSERT_TRUE(report);
    EXPECT_EQ(report->status, "completed");
    EXPECT_EQ(report->stepsDone, report->bestStep + 3);
}

TEST_F(TrainerTest, StopsAtALossThatIsNoNumberAndKeepsTheGoodCheckpoint)
{
    tests::BigramModel model(16);
    model.onAccumulate = [&] {
        if (model.batches == 11)
            model.lossFactor = std::numeric_limits<double>::quiet_NaN();
    };

    const auto report = train(task(model));

    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::SafetyStop);
    EXPECT_NE(report.error().message.find("NaN at step 6"), std::string::npos) << report.error().message;
    EXPECT_EQ(sink.all<RunFinished>().back().status, "failed");
    EXPECT_EQ(sink.all<AlertRaised>().back().level, "critical");
    EXPECT_EQ(checkpointsOf(folder.path("run")).back().step, 4);
    EXPECT_TRUE(at::isfinite(model.table()).all().item<bool>());
}

TEST_F(TrainerTest, PausesSavesAndGoesOnByCommand)
{
    tests::BigramModel model(16);
    auto t = task(model);
    std::vector<store::RunCommand> commands;
    std::mutex mutex;
    t.takeCommands = [&] {
        const std::scoped_lock lock(mutex);
        return std::exchange(commands, {});
    };
    model.onAccumulate = [&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        if (model.batches == 6) {
            const std::scoped_lock lock(mutex);
            commands = {store::RunCommand::Pause};
        }
    };
    sink.onPost = [&](const Event& event) {
        if (const auto* phase = std::get_if<PhaseChanged>(&event); phase && phase->name == "Paused") {
            const std::scoped_lock lock(mutex);
            commands = {store::RunCommand::Resume, store::RunCommand::Stop};
        }
    };

    const auto report = train(std::move(t));

    ASSERT_TRUE(report);
    EXPECT_EQ(report->status, "stopped");
    EXPECT_GE(report->stepsDone, 2);
    EXPECT_LE(report->stepsDone, 8);
}

TEST_F(TrainerTest, EndsWithTheErrorOfAFullDisk)
{
    tests::BigramModel model(16);
    model.saveError = fail(ErrorCode::DiskFull, "The disk is full.");

    const auto report = train(task(model));

    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::DiskFull);
    EXPECT_TRUE(checkpointsOf(folder.path("run")).empty());
}

TEST_F(TrainerTest, AnswersItsSamplePrompts)
{
    tests::BigramModel model(16);
    auto t = task(model);
    t.settings.epochs = 10;
    t.samplePrompts = {{"three", {3}}};
    t.endTokens = {15};
    t.decode = [](const std::vector<std::int32_t>& ids) { return std::to_string(ids.size()) + " from " + std::to_string(ids.empty() ? -1 : ids.front()); };

    ASSERT_TRUE(train(std::move(t)));

    EXPECT_EQ(sink.all<SampleText>().back().text, "1 from 7");  // 3 -> 7 -> 15, which ends it
    EXPECT_EQ(sink.all<SampleText>().size(), sink.all<EvalDone>().size());
}

TEST_F(TrainerTest, RefusesACheckpointOfOtherRows)
{
    tests::BigramModel model(16);
    ASSERT_TRUE(train(task(model)));
    auto t = task(model);
    t.trainRows.resize(20);
    t.resumeFrom = checkpointsOf(folder.path("run")).back().folder;

    const auto report = train(std::move(t));

    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::RunState);
}

}
