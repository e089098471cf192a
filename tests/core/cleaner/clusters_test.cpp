// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/clusters.h"

#include "cleaner/row_key.h"

#include "memory_rows.h"

#include <gmock/gmock.h>

#include <map>
#include <random>

namespace attune::cleaner {
namespace {

using testing::ElementsAre;

/// A sentence of `words` numbered words, of which some are replaced.
std::string sentence(int words, const std::vector<int>& replaced = {}, const std::string& with = "other")
{
    std::string text;
    for (int i = 0; i < words; ++i)
        text += (std::find(replaced.begin(), replaced.end(), i) == replaced.end() ? "word" + std::to_string(i) : with) + " ";
    return text;
}

std::vector<std::int64_t> rowsOf(const Cluster& cluster)
{
    std::vector<std::int64_t> rows;
    for (const auto& row : cluster.rows)
        rows.push_back(row.row);
    return rows;
}

std::vector<Cluster> clustersAt(const RowSource& rows, const SimilarRows& similar, double threshold, std::vector<KeeperRule> keepers = {KeeperRule::First})
{
    ClusterOptions options;
    options.threshold = threshold;
    options.keepers = std::move(keepers);
    auto clusters = clustersOf(rows, similar, options, {});
    EXPECT_TRUE(clusters) << clusters.error().message;
    return clusters.value_or(std::vector<Cluster>());
}

}

TEST(Clusters, AreTheSameRowsForExactAndNormalised)
{
    const auto rows = MemoryRows::ofTexts({"Thanks, bye", "where?", "thanks,  BYE", "Thanks, bye"});
    const auto exact = findSimilarRows(rows, DuplicateMethod::Exact, 1, {});
    ASSERT_TRUE(exact);
    const auto equal = clustersAt(rows, *exact, 0.85);
    ASSERT_EQ(equal.size(), 1u);
    EXPECT_THAT(rowsOf(equal[0]), ElementsAre(0, 3));
    EXPECT_EQ(equal[0].least, 1);
    EXPECT_EQ(equal[0].proposed(), 1);

    const auto normalised = findSimilarRows(rows, DuplicateMethod::Normalized, 1, {});
    ASSERT_TRUE(normalised);
    const auto same = clustersAt(rows, *normalised, 0.85);
    ASSERT_EQ(same.size(), 1u);
    EXPECT_THAT(rowsOf(same[0]), ElementsAre(0, 2, 3));
}

TEST(Clusters, FollowTheThresholdWithoutANewSearch)
{
    // 56 runs of five words; one word replaced in the middle takes five of them: 51 / 61 = 0.836.
    const auto rows = MemoryRows::ofTexts({sentence(60), sentence(60, {30}), sentence(60, {59}), "something else altogether, that has nothing in common with it"});
    const auto similar = findSimilarRows(rows, DuplicateMethod::Near, 0.7, {});
    ASSERT_TRUE(similar);
    const auto lax = clustersAt(rows, *similar, 0.8);
    ASSERT_EQ(lax.size(), 1u);
    EXPECT_THAT(rowsOf(lax[0]), ElementsAre(0, 1, 2));
    EXPECT_NEAR(lax[0].rows[1].similarity, 51.0 / 61.0, 1e-9);
    EXPECT_NEAR(lax[0].least, 51.0 / 61.0, 1e-9);
    const auto strict = clustersAt(rows, *similar, 0.9);
    ASSERT_EQ(strict.size(), 1u);
    EXPECT_THAT(rowsOf(strict[0]), ElementsAre(0, 2));
    EXPECT_GT(strict[0].least, 0.9);
}

TEST(Clusters, DoNotProposeARowThatIsOnlyLikeAnotherMember)
{
    // 0 – 1 – 2 is a chain: each like the next, the ends not like each other.
    const auto rows = MemoryRows::ofTexts({sentence(60), sentence(60, {15}), sentence(60, {15, 45})});
    const auto similar = findSimilarRows(rows, DuplicateMethod::Near, 0.7, {});
    ASSERT_TRUE(similar);
    const auto clusters = clustersAt(rows, *similar, 0.8);
    ASSERT_EQ(clusters.size(), 1u);
    EXPECT_THAT(rowsOf(clusters[0]), ElementsAre(0, 1, 2));
    EXPECT_TRUE(clusters[0].rows[1].isProposed);
    EXPECT_FALSE(clusters[0].rows[2].isProposed) << "0.71 to the row that stays";

    Cluster moved = clusters[0];
    ASSERT_TRUE(setKeeper(rows, DuplicateMethod::Near, 0.8, 1, moved));
    EXPECT_TRUE(moved.rows[0].isProposed);
    EXPECT_FALSE(moved.rows[1].isProposed) << "the keeper";
    EXPECT_TRUE(moved.rows[2].isProposed);
}

TEST(Clusters, ChooseTheKeeperByTheFirstRuleThatTellsRowsApart)
{
    const std::vector<Column> columns {{"q", "text", importer::ColumnRole::Prompt}, {"a", "text", importer::ColumnRole::Completion}};
    const MemoryRows rows(columns, {{{"q", "How far?"}, {"a", "Far."}}, {{"q", "How far?"}, {"a", "Far."}}, {{"q", "How  FAR?"}, {"a", "far."}}});
    SimilarRows similar {DuplicateMethod::Normalized, 1, {0, 0, 0}, {}};
    EXPECT_EQ(clustersAt(rows, similar, 0.9, {KeeperRule::First})[0].keeper, 0u);
    EXPECT_EQ(clustersAt(rows, similar, 0.9, {KeeperRule::Last})[0].keeper, 2u);
    EXPECT_EQ(clustersAt(rows, similar, 0.9, {KeeperRule::Longest, KeeperRule::First})[0].keeper, 2u) << "two spaces are one character more";
    EXPECT_EQ(clustersAt(rows, similar, 0.9, {KeeperRule::LongestAnswer, KeeperRule::Last})[0].keeper, 2u);

    ClusterOptions options;
    options.isFlagged = [](const Row& row) { return row[0].text == "How far?"; };
    options.keepers = {KeeperRule::NoFlags, KeeperRule::First};
    const auto flagged = clustersOf(rows, similar, options, {});
    ASSERT_TRUE(flagged);
    EXPECT_EQ((*flagged)[0].keeper, 2u);
    EXPECT_TRUE((*flagged)[0].rows[0].isFlagged);
}

TEST(Clusters, CountPairsOfRowsBehindEqualOnes)
{
    SimilarRows similar {DuplicateMethod::Near, 0.7, {0, 0, 0, 3, 3}, {{0, 3, 0.8}}};
    EXPECT_EQ(pairsFrom(similar, 0.7), 3 + 1 + 6) << "three and one equal pairs, three times two similar ones";
    EXPECT_EQ(pairsFrom(similar, 0.9), 4);
    EXPECT_THAT(pairsBySimilarity(similar, 0.7, 3), ElementsAre(0, 6, 4));
}

TEST(Clusters, MoveUpWhenRowsGo)
{
    SimilarRows similar {DuplicateMethod::Near, 0.7, {0, 1, 1, 3, 4, 1}, {{1, 4, 0.8}, {3, 4, 0.9}}};
    const auto left = withoutRows(similar, {0, 1, 3});
    EXPECT_THAT(left.leader, ElementsAre(0, 1, 0)) << "rows 2, 4 and 5; 2 and 5 are still equal";
    ASSERT_EQ(left.pairs.size(), 1u);
    EXPECT_EQ(left.pairs[0].a, 0);
    EXPECT_EQ(left.pairs[0].b, 1);
}

TEST(Clusters, OfLeaksDropOneSideOnly)
{
    const LeakReport report {{{0, 0, 1.0}, {2, 0, 0.9}, {1, 1, 0.85}}, 2, 2};
    const std::vector<std::int64_t> train {0, 1, 2}, eval {10, 11};
    const auto fromTrain = leakClusters(report, train, eval, true);
    ASSERT_EQ(fromTrain.size(), 2u);
    EXPECT_THAT(rowsOf(fromTrain[0]), ElementsAre(0, 2, 10));
    EXPECT_EQ(fromTrain[0].keeper, 2u) << "the eval row stays";
    EXPECT_EQ(fromTrain[0].proposed(), 2);
    EXPECT_EQ(fromTrain[0].least, 0.9);
    const auto fromEval = leakClusters(report, train, eval, false);
    EXPECT_EQ(fromEval[0].proposed(), 1);
    EXPECT_TRUE(fromEval[0].rows[2].isProposed);
    EXPECT_EQ(fromEval[0].keeper, 0u);
}

TEST(Clusters, OfARandomCorpusAreThoseOfFindDuplicates)
{
    std::mt19937 random(5);
    std::vector<std::string> texts;
    for (int i = 0; i < 400; ++i)
        texts.push_back(i > 20 && random() % 2 ? texts[random() % texts.size()] + (random() % 2 ? " and more" : "") : sentence(12 + static_cast<int>(random() % 30), {}, "") + std::to_string(random()));
    const auto rows = MemoryRows::ofTexts(texts);
    const auto similar = findSimilarRows(rows, DuplicateMethod::Near, 0.7, {});
    const auto groups = findDuplicates(rows, {DuplicateMethod::Near, 0.8, Keep::First, {}, 0}, {});
    ASSERT_TRUE(similar && groups);
    const auto clusters = clustersAt(rows, *similar, 0.8);
    ASSERT_EQ(clusters.size(), groups->size());
    std::map<std::int64_t, std::vector<std::int64_t>> expected, found;
    for (const auto& group : *groups)
        expected[group.keep] = group.drop;
    for (const auto& cluster : clusters) {
        auto all = rowsOf(cluster);
        found[all.front()].assign(all.begin() + 1, all.end());
    }
    EXPECT_EQ(found, expected);
}

// ---- chosen rows

TEST(DropRows, GoByContentOrByTheirPlaceAmongEqualOnes)
{
    const auto rows = MemoryRows::ofTexts({"a", "b", "a", "c", "a"});
    Row row;
    const auto hash = [&](std::int64_t number) {
        EXPECT_TRUE(rows.read(number, row));
        return rowHash(row).hex();
    };
    EXPECT_THAT(textsAfter({"a", "b", "a", "c", "a"}, "{type: drop_rows, row_hashes: [\"" + hash(0) + "\"]}"), ElementsAre("b", "c"));
    EXPECT_THAT(textsAfter({"a", "b", "a", "c", "a"}, "{type: drop_rows, row_hashes: [\"" + hash(0) + ":1\", \"" + hash(3) + "\"]}"), ElementsAre("a", "b", "a"));
    EXPECT_THAT(textsAfter({"b", "x", "a"}, "{type: drop_rows, row_hashes: [\"" + hash(0) + ":0 " + hash(1) + "\"]}"), ElementsAre("x")) << "several in one entry";
    EXPECT_THAT(textsAfter({"x"}, "{type: drop_rows, row_hashes: [\"" + hash(0) + "\"]}"), ElementsAre("x")) << "rows that are not there are no error";
    EXPECT_THAT(refusal(rows, "{type: drop_rows, row_hashes: [\"" + hash(0) + ":x\"]}").message, testing::HasSubstr("names no row"));
    EXPECT_THAT(refusal(rows, "{type: drop_rows, row_hashes: [abc]}").message, testing::HasSubstr("no hash"));
}

}
