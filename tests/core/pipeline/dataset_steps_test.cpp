// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_steps.h"

#include "cleaner/cleaned_dataset.h"
#include "base/file.h"
#include "cleaner/row_key.h"
#include "pipeline/cleaned_version.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/row_turns.h"
#include "pipeline/step_preview.h"
#include "support/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace attune::pipeline {
namespace {

using cleaner::Step;

class DatasetStepLists : public testing::Test
{
protected:
    DatasetStepLists()
    {
        std::string lines;
        for (int i = 0; i < 40; ++i)
            lines += toLine(Json {{"question", "  What is " + std::to_string(i) + " and one?"}, {"answer", i % 8 == 0 ? "" : "It is " + std::to_string(i + 1) + "."}}) + "\n";
        auto opened = store::Store::open(dir.path("workspace"));
        EXPECT_TRUE(opened);
        store = std::move(*opened);
        const auto made = importDataset(*store, {dir.write("rows.jsonl", lines)}, "rows", {}, false, {});
        EXPECT_TRUE(made) << made.error().message;
    }
    store::DatasetRow newest() { return *store->dataset("rows").value(); }
    Json values(std::int64_t row) { return openVersion(newest(), {}).value()->values(row).value_or(Json()); }
    void change(const std::vector<Step>& steps)
    {
        const auto report = changeSteps(*store, "rows", steps, {}, {});
        ASSERT_TRUE(report) << report.error().message;
    }
    const Step trim {"trim", Json::object()}, dropEmpty {"drop_empty", Json::object()};

    tests::TempDir dir;
    std::unique_ptr<store::Store> store;
};

TEST_F(DatasetStepLists, AStepIsSwitchedOffAndWhatItDroppedComesBack)
{
    change({trim, dropEmpty});
    EXPECT_EQ(newest().rows, 35);
    EXPECT_EQ(values(0)["question"], "What is 1 and one?");
    Step off = dropEmpty;
    off.isEnabled = false;
    change({trim, off});
    EXPECT_EQ(newest().rows, 40);
    const auto states = stepStates(newest());
    ASSERT_TRUE(states);
    ASSERT_EQ(states->size(), 2u);
    ASSERT_TRUE((*states)[0].report);
    EXPECT_EQ((*states)[0].report->changed, 40);
    EXPECT_FALSE((*states)[1].report) << "what is off does nothing";
    change({});
    EXPECT_EQ(newest().rows, 40);
    EXPECT_EQ(values(0)["question"], "  What is 0 and one?");
}

TEST_F(DatasetStepLists, StepsBehindTheOthersRunAlone)
{
    change({trim});
    change({trim, dropEmpty});
    const auto states = stepStates(newest());
    ASSERT_TRUE(states);
    ASSERT_TRUE((*states)[0].report && (*states)[1].report) << "effects of earlier steps are kept";
    EXPECT_EQ((*states)[1].report->rowsIn, 40);
    EXPECT_EQ((*states)[1].report->rowsOut, 35);
}

TEST_F(DatasetStepLists, RowsKeepTheirSplit)
{
    change({trim, dropEmpty});
    SplitOptions split;
    split.ratios = {0.8, 0.2};
    ASSERT_TRUE(splitDataset(*store, "rows", split, {}));
    const auto before = openVersion(newest(), "eval").value();
    std::vector<std::int64_t> held;
    for (std::int64_t i = 0; i < before->rows(); ++i)
        held.push_back(cleaner::sourceRow(*before, i));
    change({trim});
    const auto after = openVersion(newest(), "eval").value();
    ASSERT_EQ(after->rows(), before->rows());
    for (std::int64_t i = 0; i < after->rows(); ++i)
        EXPECT_EQ(cleaner::sourceRow(*after, i), held[static_cast<std::size_t>(i)]);
    const auto train = openVersion(newest(), "train").value();
    EXPECT_EQ(train->rows() + after->rows(), 35) << "rows that come back are in no part: they may equal held-out ones";
}

TEST_F(DatasetStepLists, NothingIsMadeWhenNoRowIsLeft)
{
    const auto report = changeSteps(*store, "rows", {{"filter", {{"column", "answer"}, {"op", "=="}, {"value", "no such answer"}}}}, {}, {});
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::DatasetEmpty);
    EXPECT_EQ(newest().version, 1);
}

TEST_F(DatasetStepLists, AVersionIsTakenBack)
{
    change({trim});
    const std::string folder = newest().folder;
    const auto now = takeBackVersion(*store, "rows", {}, {});
    ASSERT_TRUE(now) << now.error().message;
    EXPECT_EQ(*now, "rows@1");
    EXPECT_EQ(newest().version, 1);
    EXPECT_FALSE(fs::exists(folder));
    EXPECT_FALSE(takeBackVersion(*store, "rows", {}, {})) << "the import stays";
}

TEST_F(DatasetStepLists, AVersionThatARunUsedStays)
{
    change({trim});
    store::RunRow run;
    run.name = "mine";
    run.dataset = "rows@2";
    ASSERT_TRUE(store->createRun(run));
    const auto now = takeBackVersion(*store, "rows", {}, {});
    ASSERT_TRUE(now) << now.error().message;
    EXPECT_EQ(*now, "rows@3");
    EXPECT_EQ(values(0)["question"], "  What is 0 and one?") << "as before the step";
}

TEST_F(DatasetStepLists, ARowIsDroppedByItsContent)
{
    const auto data = openVersion(newest(), {}).value();
    importer::Row cells;
    ASSERT_TRUE(data->read(3, cells));
    const Step drop {"drop_rows", {{"row_hashes", {cleaner::rowHash(cells).hex()}}}};
    change({drop});
    EXPECT_EQ(newest().rows, 39);
    EXPECT_EQ(values(3)["answer"], "It is 5.");
    EXPECT_EQ(cleaner::sourceRow(*openVersion(newest(), {}).value(), 3), 4);
}

TEST_F(DatasetStepLists, APreviewCountsAndShowsWithoutChanging)
{
    const auto data = openVersion(newest(), {}).value();
    const auto trimmed = previewStep(*data, trim, nullptr, nullptr, 5, {});
    ASSERT_TRUE(trimmed) << trimmed.error().message;
    EXPECT_EQ(trimmed->rowsOut, 40);
    EXPECT_EQ(trimmed->changed, 40);
    ASSERT_EQ(trimmed->sample.size(), 5u);
    EXPECT_EQ(trimmed->sample[2].before["question"], "  What is 2 and one?");
    EXPECT_EQ(trimmed->sample[2].after["question"], "What is 2 and one?");
    const auto dropped = previewStep(*data, dropEmpty, nullptr, nullptr, 50, {});
    ASSERT_TRUE(dropped);
    EXPECT_EQ(dropped->rowsOut, 35);
    ASSERT_EQ(dropped->sample.size(), 5u);
    EXPECT_TRUE(dropped->sample[1].isDropped);
    EXPECT_EQ(dropped->sample[1].row, 8);
    const auto sampled = previewStep(*data, {"sample", {{"rows", 10}}}, nullptr, nullptr, 50, {});
    ASSERT_TRUE(sampled) << sampled.error().message;
    EXPECT_EQ(sampled->rowsOut, 10);
    EXPECT_EQ(sampled->sample.size(), 30u);
    EXPECT_EQ(newest().version, 1);
}

TEST_F(DatasetStepLists, AStepInTheMiddleIsTriedOnWhatItFinds)
{
    const auto source = openVersion(newest(), {}).value();
    const auto before = behindSteps(source, {trim, dropEmpty}, nullptr, {});
    ASSERT_TRUE(before) << before.error().message;
    EXPECT_EQ((*before)->rows(), 35);
    EXPECT_EQ((*before)->values(0).value()["question"], "What is 1 and one?");
    EXPECT_EQ(cleaner::sourceRow(**before, 0), 1);
}

TEST(RowTurns, AreEditedWhereTheyStand)
{
    const std::vector<importer::Column> columns {{"id", "text", importer::ColumnRole::Ignore}, {"messages", "list", importer::ColumnRole::Messages}};
    const Json values {{"id", "7"}, {"messages", {{{"from", "human"}, {"value", "Hello"}}, {{"from", "gpt"}, {"value", "Good day"}}}}};
    const auto turns = turnsOf(values, columns);
    ASSERT_EQ(turns.size(), 2u);
    EXPECT_EQ(turns[0].role, "user");
    EXPECT_TRUE(turns[1].isAnswer);
    const auto changed = withText(values, turns[1], "Good evening");
    ASSERT_TRUE(changed);
    EXPECT_EQ((*changed)[1]["value"], "Good evening");
    EXPECT_EQ((*changed)[0], values["messages"][0]);
    const std::vector<importer::Column> pair {{"answer", "text", importer::ColumnRole::Completion}, {"question", "text", importer::ColumnRole::Prompt}};
    auto sorted = turnsOf({{"answer", "Yes"}, {"question", "Is it?"}}, pair);
    sortForReading(sorted);
    EXPECT_EQ(sorted[0].role, "user");
    EXPECT_EQ(*withText({{"answer", "Yes"}, {"question", "Is it?"}}, sorted[1], "No"), "No");
}

}
}
