// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/checkpoint.h"

#include "support/paths.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace attune::trainer {
namespace {

/// A snapshot of one trained tensor, whose weights are written as one file.
Snapshot snapshotOf(const at::Tensor& master)
{
    Snapshot snapshot;
    snapshot.step = 7;
    snapshot.live = {{"master.layer.weight", master}};
    snapshot.tensors = roomOnHost(snapshot.live);
    snapshot.writeWeights = [](const std::string& folder, const model::TrainedValues& values) -> Status {
        torch::save(values("layer.weight"), folder + "/weights.pt");
        return {};
    };
    return snapshot;
}

}

TEST(CheckpointWriter, WritesWhatWasThereWhenItWasAskedTo)
{
    const tests::TempDir folder;
    const auto master = torch::randn({300, 200}), before = master.clone();
    CheckpointWriter writer(folder.path(), 3);

    writer.submit(snapshotOf(master), 0);
    writer.waitForCopy();
    master.zero_();
    const auto written = writer.take(CheckpointWriter::Wait::Yes);

    ASSERT_TRUE(written && written->status);
    const auto saved = readCheckpoint(written->path);
    ASSERT_TRUE(saved);
    EXPECT_TRUE(saved->tensors.at("master.layer.weight").equal(before));
    at::Tensor weights;
    torch::load(weights, written->path + "/adapter/weights.pt");
    EXPECT_TRUE(weights.equal(before));
}

TEST(CheckpointWriter, KeepsTheTypesOfStates)
{
    const tests::TempDir folder;
    auto snapshot = snapshotOf(torch::randn({3, 2}));
    const auto codes = torch::arange(256).to(torch::kByte);
    snapshot.live.emplace_back("exp_avg_8bit.layer.weight", codes);
    snapshot.tensors = roomOnHost(snapshot.live);
    CheckpointWriter writer(folder.path(), 3);

    writer.submit(std::move(snapshot), 0);
    const auto written = writer.take(CheckpointWriter::Wait::Yes);

    ASSERT_TRUE(written && written->status);
    const auto saved = readCheckpoint(written->path);
    ASSERT_TRUE(saved);
    EXPECT_EQ(saved->tensors.at("exp_avg_8bit.layer.weight").scalar_type(), torch::kByte);
    EXPECT_TRUE(saved->tensors.at("exp_avg_8bit.layer.weight").equal(codes));
}

TEST(CheckpointWriter, CopiesWhatLiesInAnotherOrder)
{
    const tests::TempDir folder;
    const auto master = torch::randn({30, 20}).t();
    CheckpointWriter writer(folder.path(), 3);

    writer.submit(snapshotOf(master), 0);
    const auto written = writer.take(CheckpointWriter::Wait::Yes);

    ASSERT_TRUE(written && written->status);
    const auto saved = readCheckpoint(written->path);
    ASSERT_TRUE(saved);
    EXPECT_TRUE(saved->tensors.at("master.layer.weight").equal(master));
}

TEST(CheckpointWriter, TellsWhichTensorIsMissing)
{
    const tests::TempDir folder;
    CheckpointWriter writer(folder.path(), 3);
    auto snapshot = snapshotOf(torch::ones({2, 2}));
    snapshot.live.front().first = snapshot.tensors.front().first = "master.other";

    writer.submit(std::move(snapshot), 0);
    const auto written = writer.take(CheckpointWriter::Wait::Yes);

    ASSERT_TRUE(written);
    ASSERT_FALSE(written->status);
    EXPECT_NE(written->status.error().message.find("layer.weight"), std::string::npos) << written->status.error().message;
}

}
