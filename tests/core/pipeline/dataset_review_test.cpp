// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_review.h"

#include "cleaner/cleaned_dataset.h"
#include "cleaner/row_key.h"
#include "pipeline/cleaned_version.h"
#include "pipeline/dataset_issues.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/dataset_shelf.h"
#include "support/paths.h"

#include <gmock/gmock.h>

namespace attune::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Reviewed : public testing::Test
{
protected:
    Reviewed()
    {
        auto opened = store::Store::open(dir.path("workspace"));
        EXPECT_TRUE(opened);
        store = std::move(*opened);
    }
    void add(const std::string& name, const std::vector<Json>& rows)
    {
        std::string text;
        for (const auto& row : rows)
            text += toLine(row) + "\n";
        const auto report = importDataset(*store, {dir.write(name + ".jsonl", text)}, name, {}, false, {});
        ASSERT_TRUE(report) << report.error().message;
    }
    importer::DatasetPtr open(const std::string& argument)
    {
        auto data = openDataset(*store, argument, {});
        EXPECT_TRUE(data) << data.error().message;
        return *data;
    }
    std::vector<std::string> texts(const std::string& argument, const std::string& column = "answer")
    {
        std::vector<std::string> all;
        const auto data = open(argument);
        for (std::int64_t i = 0; i < data->rows(); ++i)
            all.push_back(data->values(i)->at(column));
        return all;
    }
    /// Adds a step and gives the new version's name.
    std::string apply(const std::string& name, const Result<cleaner::Step>& step)
    {
        EXPECT_TRUE(step) << step.error().message;
        const auto report = cleanDataset(*store, name, {*step}, {}, {}, {});
        EXPECT_TRUE(report) << report.error().message;
        return report->dataset;
    }

    tests::TempDir dir;
    std::unique_ptr<store::Store> store;
};

Json row(const std::string& question, const std::string& answer)
{
    return {{"question", question}, {"answer", answer}};
}

}

TEST_F(Reviewed, RowsAreDroppedByOneStepThatReplays)
{
    const std::vector<Json> rows {row("a", "first"), row("b", "second"), row("a", "first"), row("c", "third"), row("a", "first")};
    add("talk", rows);
    const auto report = dropRows(*store, "talk", {2, 3}, {});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->dataset, "talk@2");
    EXPECT_THAT(texts("talk"), ElementsAre("first", "second", "first"));
    const auto steps = stepsOf(*store->dataset("talk").value());
    ASSERT_TRUE(steps);
    ASSERT_EQ(steps->size(), 1u);
    EXPECT_EQ((*steps)[0].type, "drop_rows");
    EXPECT_EQ((*steps)[0].options["row_hashes"].size(), 2u);

    // The same content in another order, in another dataset.
    add("again", {rows[3], rows[0], rows[2], rows[1]});
    const auto replayed = cleanDataset(*store, "again", *steps, {}, {}, {});
    ASSERT_TRUE(replayed) << replayed.error().message;
    EXPECT_THAT(texts("again"), ElementsAre("first", "second")) << "the second of the equal rows, and the third answer";
}

TEST_F(Reviewed, VeryManyRowsShareEntries)
{
    std::vector<Json> rows;
    std::vector<std::int64_t> dropped;
    for (int i = 0; i < 5000; ++i) {
        rows.push_back(row(std::to_string(i), "answer " + std::to_string(i)));
        if (i % 5)
            dropped.push_back(i);
    }
    add("many", rows);
    const auto step = dropRowsStep(*open("many"), dropped, {});
    ASSERT_TRUE(step);
    EXPECT_LE(step->options["row_hashes"].size(), 2000u);
    apply("many", step);
    EXPECT_EQ(open("many")->rows(), 1000);
}

TEST_F(Reviewed, MarksOfWhatIsNoDuplicateAreKept)
{
    add("talk", {row("a", "same words here"), row("a", "same words here"), row("b", "other"), row("b", "other"), row("b", "other")});
    const auto data = open("talk");
    const cleaner::DatasetRows source(*data);
    const auto similar = cleaner::findSimilarRows(source, cleaner::DuplicateMethod::Exact, 1, {});
    ASSERT_TRUE(similar);
    auto clusters = cleaner::clustersOf(source, *similar, {}, {});
    ASSERT_TRUE(clusters);
    ASSERT_EQ(clusters->size(), 2u);
    const auto contents = contentsOf(*data, (*clusters)[1]);
    ASSERT_TRUE(contents);
    ASSERT_TRUE(setNotDuplicates(*store, "talk", {*contents}));
    const auto marks = notDuplicates(*store, "talk");
    ASSERT_TRUE(marks);
    ASSERT_TRUE(leaveOut(*data, *marks, *clusters));
    ASSERT_EQ(clusters->size(), 1u);
    EXPECT_EQ((*clusters)[0].rows.size(), 3u);
}

TEST_F(Reviewed, AnEarlierVersionComesBack)
{
    add("talk", {row("a", "1"), row("b", "2"), row("c", "3"), row("d", "4")});
    SplitOptions split;
    split.ratios = {0.5, 0.5};
    ASSERT_TRUE(splitDataset(*store, "talk", split, {}));
    ASSERT_TRUE(dropRows(*store, "talk", {0}, {}));
    EXPECT_EQ(open("talk")->rows(), 3);
    const auto back = restoreVersion(*store, "talk", 2);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->version, 4);
    EXPECT_EQ(open("talk")->rows(), 4);
    EXPECT_EQ(open("talk:train")->rows(), 2);
    EXPECT_EQ(open("talk@4")->values(0)->dump(), open("talk@2")->values(0)->dump());
    const auto first = restoreVersion(*store, "talk", 1);
    ASSERT_TRUE(first);
    EXPECT_FALSE(openDataset(*store, "talk:train", {})) << "version 1 had no splits";
    EXPECT_FALSE(restoreVersion(*store, "talk", 9));
}

// ---- issues

TEST_F(Reviewed, IssuesAreFoundCountedAndKept)
{
    add("chats", {row("Mail anna@example.org or bob@example.org", "I wrote to both of them yesterday."), row("b", ""), row("c", "No."), row("d", "A plain answer of some length."),
                     row("Call me", "I'm sorry, but I can't help with that.")});
    const auto report = findIssues(*store, "chats", {}, {});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->rowsByKind.at("email"), 1) << "rows, not addresses";
    EXPECT_EQ(report->of("email").size(), 2u);
    EXPECT_EQ(report->rowsByKind.at("empty_answer"), 1);
    EXPECT_EQ(report->rowsByKind.at("short_answer"), 1);
    EXPECT_EQ(report->rowsByKind.at("refusal"), 1);
    EXPECT_EQ(report->total(), 4);
    EXPECT_FALSE(report->rowsByKind.contains("over_context"));

    const auto stored = storedIssues(*store, "chats@1");
    ASSERT_TRUE(stored && *stored);
    EXPECT_EQ((*stored)->toJson(), report->toJson());
    const auto counts = issueCounts(*store, *store->dataset("chats").value());
    ASSERT_TRUE(counts && *counts);
    EXPECT_EQ(**counts, report->rowsByKind);
}

TEST_F(Reviewed, OneFindingIsReplacedOrItsRowDropped)
{
    add("chats", {row("Mail anna@example.org or bob@example.org", "fine and long enough"), row("bob@example.org", "fine and long enough as well")});
    auto report = findIssues(*store, "chats", {}, {});
    ASSERT_TRUE(report);
    const auto second = *report->of("email")[1];
    apply("chats", findingStep(*open("chats"), second, IssueAction::Tag, {}));
    EXPECT_EQ(texts("chats", "question")[0], "Mail anna@example.org or [EMAIL]");
    report = findIssues(*store, "chats", {}, {});
    EXPECT_EQ(report->of("email").size(), 2u);
    const auto stale = findingStep(*open("chats"), second, IssueAction::Tag, {});
    EXPECT_FALSE(stale) << "the text is shorter now";
    apply("chats", findingStep(*open("chats"), *report->of("email")[0], IssueAction::Pseudonym, {}));
    EXPECT_THAT(texts("chats", "question")[0], testing::MatchesRegex("Mail \\[EMAIL_[0-9A-F]+\\] or \\[EMAIL\\]"));
    report = findIssues(*store, "chats", {}, {});
    apply("chats", findingStep(*open("chats"), *report->of("email")[0], IssueAction::Drop, {}));
    EXPECT_EQ(open("chats")->rows(), 1);
}

TEST_F(Reviewed, APseudonymIsTheSameOneByOneAndForAll)
{
    add("one", {row("anna@example.org", "fine and long enough")});
    add("all", {row("anna@example.org", "fine and long enough")});
    const auto report = findIssues(*store, "one", {}, {});
    apply("one", findingStep(*open("one"), *report->of("email")[0], IssueAction::Pseudonym, {}));
    apply("all", issueStep(*store, "all", "email", IssueAction::Pseudonym, *report));
    EXPECT_EQ(texts("one", "question"), texts("all", "question"));
}

TEST_F(Reviewed, AllOfAKindGoInOneStepButWhatIsFineStays)
{
    add("chats", {row("anna@example.org", "fine and long enough"), row("info@example.org", "fine and long enough"), row("c", "No."), row("d", "Yes.")});
    ASSERT_TRUE(setScanIgnores(*store, "chats", {{"info@example.org"}, {}}));
    auto report = findIssues(*store, "chats", {}, {});
    ASSERT_TRUE(report);
    EXPECT_EQ(report->rowsByKind.at("email"), 1);
    apply("chats", issueStep(*store, "chats", "email", IssueAction::Tag, *report));
    EXPECT_THAT(texts("chats", "question"), ElementsAre("[EMAIL]", "info@example.org", "c", "d"));

    report = findIssues(*store, "chats", {}, {});
    ASSERT_EQ(report->of("short_answer").size(), 2u);
    const auto data = open("chats");  // the cells are views of its rows
    importer::Row cells;
    ASSERT_TRUE(data->read(3, cells));
    ASSERT_TRUE(setAcceptedRows(*store, "chats", {"short_answer:" + cleaner::rowHash(cells).hex()}));
    report = findIssues(*store, "chats", {}, {});
    EXPECT_EQ(report->rowsByKind.at("short_answer"), 1);
    apply("chats", issueStep(*store, "chats", "short_answer", IssueAction::Drop, *report));
    EXPECT_THAT(texts("chats", "question"), ElementsAre("[EMAIL]", "info@example.org", "d"));
    EXPECT_FALSE(issueStep(*store, "chats", "short_answer", IssueAction::Tag, *report)) << "nothing to put in its place";
}

TEST_F(Reviewed, DamageIsRepaired)
{
    add("chats", {row("Is the cafÃ© open?", "It is open all day."), row("naÃ¯ve", "It is open all day long.")});
    const auto report = findIssues(*store, "chats", {}, {});
    ASSERT_TRUE(report);
    ASSERT_EQ(report->of("mojibake").size(), 2u);
    apply("chats", findingStep(*open("chats"), *report->of("mojibake")[0], IssueAction::Repair, {}));
    EXPECT_EQ(texts("chats", "question")[0], "Is the café open?");
    apply("chats", issueStep(*store, "chats", "mojibake", IssueAction::Repair, *report));
    EXPECT_EQ(texts("chats", "question")[1], "naïve");
}

// ---- shelf

TEST_F(Reviewed, ADatasetGoesToTheTrashAndComesBack)
{
    add("talk", {row("a", "1"), row("b", "2")});
    ASSERT_TRUE(dropRows(*store, "talk", {0}, {}));
    ASSERT_TRUE(trashDataset(*store, "talk"));
    EXPECT_TRUE(store->datasets()->empty());
    ASSERT_EQ(trashedDatasets(*store)->size(), 1u);
    EXPECT_EQ(trashedDatasets(*store)->front().versions.size(), 2u);
    ASSERT_TRUE(restoreDataset(*store, "talk"));
    EXPECT_EQ(open("talk")->rows(), 1);
    EXPECT_EQ(open("talk@1")->rows(), 2);
    EXPECT_TRUE(trashedDatasets(*store)->empty());
    EXPECT_FALSE(restoreDataset(*store, "talk"));
    EXPECT_FALSE(trashDataset(*store, "nothing"));
}

TEST_F(Reviewed, ADatasetThatAnotherReadsStays)
{
    add("talk", {row("a", "1"), row("b", "2")});
    ASSERT_TRUE(cleanDataset(*store, "talk", {cleaner::Step {"lowercase"}}, "lower", {}, {}));
    const auto status = trashDataset(*store, "talk");
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().message, HasSubstr("lower reads"));
    ASSERT_TRUE(trashDataset(*store, "lower"));
    EXPECT_TRUE(trashDataset(*store, "talk"));
}

TEST_F(Reviewed, ArchivedDatasetsAreRemembered)
{
    add("talk", {row("a", "1")});
    ASSERT_TRUE(setArchived(*store, "talk", true));
    EXPECT_THAT(*archivedDatasets(*store), ElementsAre("talk"));
    ASSERT_TRUE(setArchived(*store, "talk", false));
    EXPECT_TRUE(archivedDatasets(*store)->empty());
}

}
