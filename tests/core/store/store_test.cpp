// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/store.h"

#include "support/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

namespace attune::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class StoreTest : public testing::Test
{
protected:
    std::unique_ptr<Store> open() const
    {
        auto store = Store::open(folder.path());
        EXPECT_TRUE(store) << (store ? "" : store.error().message);
        return store ? std::move(*store) : nullptr;
    }

    RunRow newRun(Store& store, const std::string& name) const
    {
        RunRow row;
        row.name = name;
        const auto status = store.createRun(row);
        EXPECT_TRUE(status) << status.error().message;
        return row;
    }

    tests::TempDir folder;
};

TEST_F(StoreTest, MakesTheWorkspaceOnFirstUse)
{
    open();

    EXPECT_TRUE(std::filesystem::is_regular_file(folder.path("attune.sqlite")));
}

TEST_F(StoreTest, RemembersModelsAcrossOpenings)
{
    ASSERT_TRUE(open()->putModel({"smol", "/m/smol.gguf", "abc", "", Json {{"layers", 30}}}));

    const auto row = open()->model("smol");

    ASSERT_TRUE(row && *row);
    EXPECT_EQ((*row)->path, "/m/smol.gguf");
    EXPECT_EQ((*row)->info["layers"], 30);
    EXPECT_FALSE((*open()->model("other")).has_value());
}

TEST_F(StoreTest, GivesTheNewestVersionOfADatasetUnlessAskedForAnother)
{
    auto store = open();
    for (const int version : {1, 2, 10})
        ASSERT_TRUE(store->putDataset({"sums", version, 100 * version, "f", "", Json::object()}));

    EXPECT_EQ((*store->dataset("sums"))->version, 10);
    EXPECT_EQ((*store->dataset("sums", 2))->rows, 200);
    EXPECT_FALSE((*store->dataset("sums", 3)).has_value());
    EXPECT_EQ(store->datasets()->size(), 1u);
    EXPECT_EQ(store->datasetVersions("sums")->size(), 3u);
}

TEST_F(StoreTest, NumbersRunsByTheSmallestFreeNumber)
{
    auto store = open();
    newRun(*store, "bot");
    newRun(*store, "bot");
    newRun(*store, "bot");
    ASSERT_TRUE(store->removeRun("bot-2"));

    const auto row = newRun(*store, "bot");

    EXPECT_EQ(row.id, "bot-2");
    EXPECT_TRUE(std::filesystem::is_directory(row.folder));
}

TEST_F(StoreTest, NeverReusesAFolderThatIsThere)
{
    auto store = open();
    std::filesystem::create_directories(folder.path("runs/bot-1"));

    EXPECT_EQ(newRun(*store, "bot").id, "bot-2");
}

TEST_F(StoreTest, RefusesARunNameThatIsAPath)
{
    RunRow row;
    row.name = "../../etc";

    const auto status = open()->createRun(row);

    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::BadName);
}

TEST_F(StoreTest, FindsARunByANameThatOnlyOneHas)
{
    auto store = open();
    newRun(*store, "bot");
    newRun(*store, "cat");
    newRun(*store, "cat");

    EXPECT_EQ(store->run("bot")->id, "bot-1");
    EXPECT_EQ(store->run("cat-2")->id, "cat-2");
    EXPECT_THAT(store->run("cat").error().hint, HasSubstr("cat-1, cat-2"));
    EXPECT_THAT(store->run("bto-1").error().hint, HasSubstr("bot-1"));
    EXPECT_EQ(store->run("nosuch").error().code, ErrorCode::RunMissing);
}

TEST_F(StoreTest, ARunningRunWithoutAnOwnerIsInterrupted)
{
    auto store = open();
    auto row = newRun(*store, "bot");
    row.status = RunStatus::Running;
    ASSERT_TRUE(store->updateRun(row));
    EXPECT_EQ(store->run("bot-1")->status, RunStatus::Interrupted);

    auto lock = RunLock::acquire(row.folder);

    ASSERT_TRUE(lock) << lock.error().message;
    EXPECT_EQ(store->run("bot-1")->status, RunStatus::Running);
}

TEST_F(StoreTest, KeepsNotesWhenTheRunGoesOn)
{
    auto store = open();
    auto row = newRun(*store, "bot");
    ASSERT_TRUE(store->annotateRun("bot-1", "good one", {"keep", "de"}, true));
    row.stepsDone = 7;
    row.trainLoss = 1.5;
    ASSERT_TRUE(store->updateRun(row));

    const auto read = store->run("bot-1");

    EXPECT_EQ(read->notes, "good one");
    EXPECT_THAT(read->tags, ElementsAre("keep", "de"));
    EXPECT_TRUE(read->isArchived);
    EXPECT_EQ(read->stepsDone, 7);
    EXPECT_EQ(read->toJson()["train_loss"], 1.5);
    EXPECT_TRUE(read->toJson()["eval_loss"].is_null());
}

TEST_F(StoreTest, MovesARemovedRunToTheTrash)
{
    auto store = open();
    const auto row = newRun(*store, "bot");
    folder.write("runs/bot-1/log.txt", "hello");

    ASSERT_TRUE(store->removeRun("bot-1"));

    EXPECT_FALSE(std::filesystem::exists(row.folder));
    EXPECT_TRUE(std::filesystem::exists(folder.path(".trash/bot-1/log.txt")));
    EXPECT_EQ(store->metrics("bot-1").error().code, ErrorCode::RunMissing);
}

TEST_F(StoreTest, DoesNotRemoveARunThatIsTraining)
{
    auto store = open();
    const auto row = newRun(*store, "bot");
    auto lock = RunLock::acquire(row.folder);

    const auto status = store->removeRun("bot-1");

    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().exitCode(), 9);
}

TEST_F(StoreTest, AMetricsRowIdNeverComesBack)
{
    auto store = open();
    newRun(*store, "bot");
    auto rowAt = [](std::int64_t step) { return MetricRow {0, step, 0.5, "train", "loss", 2.0 - 0.1 * static_cast<double>(step), step * 10, 1.0}; };
    ASSERT_TRUE(store->appendMetrics("bot-1", {rowAt(1), rowAt(2), rowAt(3)}));
    const std::int64_t last = store->metrics("bot-1")->back().rowId;

    ASSERT_TRUE(store->truncateMetrics("bot-1", 1));
    ASSERT_TRUE(store->appendMetrics("bot-1", {rowAt(2)}));

    const auto fresh = store->metrics("bot-1", last);
    ASSERT_EQ(fresh->size(), 1u);
    EXPECT_EQ(fresh->front().step, 2);
    EXPECT_EQ(store->metrics("bot-1")->size(), 2u);
}

TEST_F(StoreTest, KeepsLossesThatAreNoNumber)
{
    auto store = open();
    newRun(*store, "bot");
    const double infinity = std::numeric_limits<double>::infinity();
    ASSERT_TRUE(store->appendMetrics("bot-1", {{0, 1, 0, "train", "loss", std::nan(""), 0, 0}, {0, 2, 0, "train", "loss", infinity, 0, 0}}));

    const auto rows = store->metrics("bot-1");

    EXPECT_TRUE(std::isnan(rows->at(0).value));
    EXPECT_EQ(rows->at(1).value, infinity);
}

TEST_F(StoreTest, HandsEachCommandToTheOwnerOnce)
{
    auto store = open();
    newRun(*store, "bot");
    auto other = open();
    ASSERT_TRUE(other->postCommand("bot-1", RunCommand::Pause));
    ASSERT_TRUE(other->postCommand("bot-1", RunCommand::Stop));

    EXPECT_THAT(*store->takeCommands("bot-1"), ElementsAre(RunCommand::Pause, RunCommand::Stop));
    EXPECT_TRUE(store->takeCommands("bot-1")->empty());
}

TEST_F(StoreTest, TellsWhenAnotherConnectionWrote)
{
    auto store = open();
    auto other = open();
    const auto before = store->dataVersion();

    ASSERT_TRUE(other->putValue("memory.correction", 1.25));

    EXPECT_NE(store->dataVersion(), before);
    EXPECT_EQ(*store->value("memory.correction"), 1.25);
    EXPECT_TRUE(store->value("nothing")->is_null());
}

TEST_F(StoreTest, ListsWhatWasExported)
{
    auto store = open();
    newRun(*store, "bot");
    newRun(*store, "cat");
    ASSERT_TRUE(store->putExport("bot-1", {{"path", "a.gguf"}}));
    ASSERT_TRUE(store->putExport("cat-1", {{"path", "b.gguf"}}));

    EXPECT_EQ(store->exports("bot-1")->at(0)["path"], "a.gguf");
    EXPECT_EQ(store->exports("")->size(), 2u);
}

TEST_F(StoreTest, GivesNeighbouringRunsDifferentColours)
{
    auto store = open();

    const auto first = newRun(*store, "bot");
    const auto second = newRun(*store, "bot");

    EXPECT_NE(first.colour, second.colour);
}

TEST(RunLock, NamesTheOwnerToWhoeverComesSecond)
{
    tests::TempDir folder;
    auto lock = RunLock::acquire(folder.path());
    ASSERT_TRUE(lock);

    const auto second = RunLock::acquire(folder.path());

    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::Locked);
    EXPECT_THAT(second.error().message, HasSubstr("process " + std::to_string(::getpid())));
}

TEST(RunLock, IsFreeOnceItsOwnerIsGone)
{
    tests::TempDir folder;
    {
        auto lock = RunLock::acquire(folder.path());
        EXPECT_TRUE(RunLock::isHeld(folder.path()));
    }

    EXPECT_FALSE(RunLock::isHeld(folder.path()));
    EXPECT_TRUE(RunLock::acquire(folder.path()));
}

}
}
