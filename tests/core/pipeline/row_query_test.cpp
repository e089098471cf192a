// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/row_query.h"

#include "pipeline/dataset_jobs.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/text_search.h"
#include "support/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace attune::pipeline {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

class RowQueries : public testing::Test
{
protected:
    RowQueries()
    {
        std::string lines;
        for (int i = 0; i < 9000; ++i) {
            const char* product = i % 3 == 0 ? "Billing" : i % 3 == 1 ? "Returns" : "Other";
            const std::string answer = i % 10 == 0 ? "" : i % 10 == 1 ? "Yes." : "It stands in the letter of last week, number " + std::to_string(i) + ".";
            const std::string question = i == 4321 ? "Where is the ÖLKANNE, Invoice 7?" : i % 100 == 7 ? "Write to anna@example.org about it, please, when you have it." : "Where is the paper that you sent me for the year " + std::to_string(i) + "?";
            lines += toLine(Json {{"question", question}, {"answer", answer}, {"product", product}, {"level", i % 5}}) + "\n";
        }
        auto opened = store::Store::open(dir.path("workspace"));
        EXPECT_TRUE(opened);
        store = std::move(*opened);
        const auto made = importDataset(*store, {dir.write("rows.jsonl", lines)}, "rows", {}, false, {});
        EXPECT_TRUE(made) << made.error().message;
        data = openDataset(*store, "rows", {}).value();
        auto counted = computeRowFacts(*data, nullptr, {});
        EXPECT_TRUE(counted) << counted.error().message;
        facts = *counted;
    }
    RowAnswer ask(std::vector<RowTerm> terms, const std::string& sortBy = {}, bool isDescending = false)
    {
        RowQuery query {std::move(terms), sortBy, isDescending, 0};
        auto answer = runQuery(*data, facts.get(), query, cache, {}, {});
        EXPECT_TRUE(answer) << answer.error().message;
        return answer ? std::move(*answer) : RowAnswer();
    }
    static RowTerm facet(std::string field, std::vector<std::string> values)
    {
        RowTerm term;
        term.field = std::move(field);
        term.values = std::move(values);
        return term;
    }
    static RowTerm text(std::string words)
    {
        RowTerm term;
        term.kind = RowTerm::Kind::Text;
        term.text = std::move(words);
        return term;
    }
    std::int64_t countOf(const RowAnswer& answer, const std::string& field, const std::string& value)
    {
        const auto& values = facetValues(*facts, field);
        for (const auto& counts : answer.facets)
            if (counts.field == field)
                return counts.counts[static_cast<std::size_t>(std::find(values.begin(), values.end(), value) - values.begin())];
        return -1;
    }

    tests::TempDir dir;
    std::unique_ptr<store::Store> store;
    importer::DatasetPtr data;
    RowFactsPtr facts;
    TermCache cache;
};

TEST_F(RowQueries, WithoutTermsEveryRowCounts)
{
    const auto answer = ask({});
    EXPECT_TRUE(answer.isAll);
    EXPECT_EQ(countOf(answer, "column:product", "Billing"), 3000);
    EXPECT_EQ(countOf(answer, "language", "en"), 9000);
}

TEST_F(RowQueries, AFacetsCountsIgnoreItsOwnTerm)
{
    const auto answer = ask({facet("column:product", {"Billing"}), facet("column:level", {"0", "1"})});
    EXPECT_EQ(answer.rows.size(), 1200u);
    EXPECT_EQ(countOf(answer, "column:product", "Returns"), 1200) << "rows of levels 0 and 1";
    EXPECT_EQ(countOf(answer, "column:level", "4"), 600) << "rows of Billing";
    EXPECT_EQ(countOf(answer, "language", "en"), 1200) << "rows of both";
}

TEST_F(RowQueries, TextsAreFoundWhateverTheirCase)
{
    EXPECT_THAT(ask({text("invoice")}).rows, ElementsAre(4321));
    EXPECT_THAT(ask({text("ölkanne")}).rows, ElementsAre(4321));
    EXPECT_THAT(ask({text("INVOICE 7"), facet("column:product", {"Billing"})}).rows, ElementsAre()) << "row 4321 is of Returns";
    EXPECT_EQ(ask({text("anna@")}).rows.size(), 90u);
}

TEST_F(RowQueries, FlagsAreKnown)
{
    EXPECT_EQ(ask({facet("flag", {"email"})}).rows.size(), 90u);
    EXPECT_EQ(ask({facet("flag", {"empty_answer"})}).rows.size(), 900u);
    EXPECT_EQ(ask({facet("flag", {"empty_answer", "short_answer"})}).rows.size(), 1800u) << "any of them";
}

TEST_F(RowQueries, RangesAndSizesAreInclusive)
{
    RowTerm range;
    range.kind = RowTerm::Kind::Range;
    range.field = "answer";
    range.low = range.high = 4;
    EXPECT_EQ(ask({range}).rows.size(), 900u) << "Yes.";
    RowTerm size;
    size.kind = RowTerm::Kind::Size;
    size.field = "level";
    size.low = 3;
    size.high = 4;
    EXPECT_EQ(ask({size}).rows.size(), 3600u);
    size.field = "answer";
    size.low = size.high = 0;
    EXPECT_EQ(ask({size}).rows.size(), 900u) << "of a text its length counts";
}

TEST_F(RowQueries, SortByValuesAndKeepTheOrderOfEqualOnes)
{
    RowTerm chosen;
    chosen.kind = RowTerm::Kind::Rows;
    chosen.rows = {14, 3, 8, 21};
    EXPECT_THAT(ask({chosen}).rows, ElementsAre(14, 3, 8, 21)) << "a list keeps its order";
    EXPECT_THAT(ask({chosen}, "column:level").rows, ElementsAre(21, 3, 8, 14));
    EXPECT_THAT(ask({chosen}, "column:level", true).rows, ElementsAre(14, 3, 8, 21));
    EXPECT_THAT(ask({chosen}, "#", true).rows, ElementsAre(21, 14, 8, 3));
    EXPECT_THAT(ask({chosen}, "answer").rows.front(), 21u) << "the shortest answer, Yes.";
}

TEST_F(RowQueries, AFirstPageComesBeforeTheRest)
{
    std::vector<std::size_t> pages;
    RowQuery query {{text("letter")}, {}, false, 0};
    const auto answer = runQuery(*data, facts.get(), query, cache, [&](RowAnswer page) { pages.push_back(page.rows.size()); }, {});
    ASSERT_TRUE(answer);
    ASSERT_EQ(pages.size(), 1u);
    EXPECT_GE(pages.front(), 100u);
    EXPECT_LE(pages.front(), answer->rows.size());
}

TEST_F(RowQueries, StopWhenTheyAreToldTo)
{
    std::stop_source stop;
    stop.request_stop();
    JobContext job;
    job.stop = stop.get_token();
    const auto answer = runQuery(*data, facts.get(), {{text("letter")}, {}, false, 0}, cache, {}, job);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind(), ErrorKind::Cancelled);
}

TEST_F(RowQueries, SayWhatIsWrong)
{
    EXPECT_FALSE(runQuery(*data, facts.get(), {{facet("column:colour", {"red"})}, {}, false, 0}, cache, {}, {}));
    EXPECT_FALSE(runQuery(*data, nullptr, {{facet("language", {"en"})}, {}, false, 0}, cache, {}, {}));
    RowTerm broken;
    broken.kind = RowTerm::Kind::Column;
    broken.filter = {"level", "=~", 3};
    EXPECT_FALSE(runQuery(*data, facts.get(), {{broken}, {}, false, 0}, cache, {}, {}));
}

TEST(TextSearches, FindWordsAtTheirPlace)
{
    EXPECT_EQ(TextSearch("Invoice").findIn("my INVOICE"), 3u);
    EXPECT_EQ(TextSearch("aab").findIn("aaaab"), 2u);
    EXPECT_EQ(TextSearch("x").findIn("abc"), std::string_view::npos);
    EXPECT_TRUE(TextSearch("größe").isIn("Die GRÖSSE und die GRÖßE"));
    EXPECT_TRUE(TextSearch("").isIn("anything"));
}

}
}
