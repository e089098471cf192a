// SPDX-License-Identifier: GPL-3.0-or-later
// Memory that runs out in the middle of a run: real tensors under a cap (model/tensor_memory.h).
#include "model/tensor_memory.h"

#include "model/causal_lm.h"
#include "pipeline/checkpoints.h"
#include "support/paths.h"
#include "support/shards.h"
#include "trainer/trainer.h"

#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <numeric>

namespace attune::trainer {
namespace {

constexpr std::int64_t kEnough = std::int64_t(1) << 40;

struct Watcher final : pipeline::EventSink {
    void post(pipeline::Event event) override
    {
        const std::scoped_lock lock(mutex);
        if (const auto* step = std::get_if<pipeline::StepDone>(&event)) {
            losses.push_back(step->loss);
            if (onStep)
                onStep(step->step);
        }
        if (const auto* alert = std::get_if<pipeline::AlertRaised>(&event))
            alerts.push_back(*alert);
    }
    std::mutex mutex;
    std::vector<double> losses;
    std::vector<pipeline::AlertRaised> alerts;
    std::function<void(std::int64_t)> onStep;
};

/// The method decides who computes: the fast decoder or the general network.
struct OutOfMemory : testing::TestWithParam<std::string> {
    tests::TempDir folder;
    tokenizer::TokenShard shard = tests::makeShard(folder, 400, 100);
    std::unique_ptr<model::CausalLm> model;

    OutOfMemory()
    {
        at::set_num_threads(1);
        model::limitTensorMemory(kEnough);  // counts from here on
    }
    ~OutOfMemory() override { model::limitTensorMemory(0); }

    TrainTask task(const std::string& name)
    {
        model::LoadOptions options;
        options.isForTraining = true;
        options.needsNetwork = GetParam() != "lora";
        auto loaded = model::loadModel(*families::openModel(tests::sourceDir() + "/tests/golden/training/model"), options, JobContext {});
        if (!loaded)
            throw std::runtime_error(loaded.error().message);
        model = std::move(*loaded);
        const Json values = GetParam() == "lora" ? Json {{"r", 4}, {"lora_alpha", 8}, {"target_modules", "all-linear"}} : Json::object();
        if (const auto status = model::addAdapter(*model, GetParam(), values, 5); !status)
            throw std::runtime_error(status.error().message);
        TrainTask t;
        t.model = model.get();
        t.settings.batches = {true, true, 16, 64};  // about a thousand tokens in a micro-batch
        t.settings.maxSteps = 8;
        t.settings.learningRate = 5e-3;
        t.settings.warmupRatio = 0;
        t.settings.checkpointEverySteps = 0;
        t.train = &shard;
        t.trainRows.resize(static_cast<std::size_t>(shard.rows()));
        std::iota(t.trainRows.begin(), t.trainRows.end(), 0);
        t.run = "run-1";
        t.folder = folder.path(name);
        return t;
    }
    /// What a run takes beside the model.
    std::int64_t runBytes(Watcher& sink)
    {
        auto whole = task("whole");
        model::limitTensorMemory(kEnough);  // the peak begins here
        const std::int64_t before = model::tensorMemory().now;
        EXPECT_TRUE(Trainer(std::move(whole), sink, JobContext {}).run());
        return model::tensorMemory().peak - before;
    }
};

}

TEST_P(OutOfMemory, InTheMiddleOfARunCostsSpeedOnly)
{
    Watcher whole, capped;
    const std::int64_t needed = runBytes(whole);
    auto again = task("capped");
    const std::int64_t limit = model::tensorMemory().now + needed * 7 / 10;
    capped.onStep = [&](std::int64_t step) {
        if (step == 3)
            model::limitTensorMemory(limit);
    };

    const auto finished = Trainer(std::move(again), capped, JobContext {}).run();

    ASSERT_TRUE(finished) << finished.error().message;
    ASSERT_EQ(capped.losses.size(), whole.losses.size());
    for (std::size_t i = 0; i < whole.losses.size(); ++i)
        EXPECT_NEAR(capped.losses[i], whole.losses[i], 2e-5 * whole.losses[i]) << "step " << i + 1;
    EXPECT_EQ(std::vector(capped.losses.begin(), capped.losses.begin() + 3), std::vector(whole.losses.begin(), whole.losses.begin() + 3));
    ASSERT_FALSE(capped.alerts.empty());
    EXPECT_EQ(capped.alerts.front().step, 4);
    EXPECT_THAT(capped.alerts.front().title, testing::HasSubstr("Memory ran out"));
    EXPECT_THAT(capped.alerts.front().evidence, testing::HasSubstr("Step 4 is repeated"));
    // A resume begins with what turned out to fit.
    const auto checkpoints = pipeline::checkpointsOf(folder.path("capped"));
    ASSERT_FALSE(checkpoints.empty());
    const auto state = readJsonFile(checkpoints.back().folder + "/state.json");
    ASSERT_TRUE(state);
    EXPECT_LT((*state)["piece_tokens"].get<std::int64_t>(), 1024);
}

TEST_P(OutOfMemory, ThatNothingHelpsAgainstEndsTheRunWithACheckpoint)
{
    Watcher sink;
    sink.onStep = [&](std::int64_t step) {
        if (step == 3)
            model::limitTensorMemory(1);
    };

    auto hopeless = task("ended");
    hopeless.settings.checkpointEverySteps = 2;
    const auto finished = Trainer(std::move(hopeless), sink, JobContext {}).run();

    ASSERT_FALSE(finished);
    EXPECT_EQ(finished.error().code, ErrorCode::OutOfMemory);
    EXPECT_EQ(finished.error().exitCode(), 5);
    EXPECT_EQ(sink.losses.size(), 3u);
    model::limitTensorMemory(0);
    auto again = task("ended");
    const auto checkpoints = pipeline::checkpointsOf(folder.path("ended"));
    ASSERT_FALSE(checkpoints.empty());
    EXPECT_GE(checkpoints.back().step, 2);
    again.resumeFrom = checkpoints.back().folder;
    Watcher rest;
    ASSERT_TRUE(Trainer(std::move(again), rest, JobContext {}).run());
    EXPECT_EQ(rest.losses.size(), static_cast<std::size_t>(8 - checkpoints.back().step));
}

INSTANTIATE_TEST_SUITE_P(Methods, OutOfMemory, testing::Values("lora", "ia3"));

TEST(TensorMemory, IsCountedAndCapped)
{
    model::limitTensorMemory(std::int64_t(1) << 40);
    const auto before = model::tensorMemory().now;
    {
        const auto tensor = at::empty({1 << 20}, at::kByte);
        EXPECT_GE(model::tensorMemory().now - before, 1 << 20);
        EXPECT_LT(model::tensorMemory().now - before, (1 << 20) + 8192);
    }
    EXPECT_EQ(model::tensorMemory().now, before);

    model::limitTensorMemory(before + (1 << 20));
    const auto refused = model::guarded([]() -> Status {
        at::empty({1 << 21}, at::kByte);
        return {};
    });
    EXPECT_NO_THROW(at::empty({1 << 19}, at::kByte));
    model::limitTensorMemory(0);

    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::OutOfMemory);
    EXPECT_NO_THROW(at::empty({1 << 21}, at::kByte));
}

}
