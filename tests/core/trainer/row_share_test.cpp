// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/row_share.h"

#include <gtest/gtest.h>

#include <numeric>

namespace attune::trainer {
namespace {

/// Batches of rows of these lengths; ids count up so that every token is another.
Window windowOf(const std::vector<std::vector<int>>& lengths)
{
    Window window;
    std::int32_t next = 0;
    for (const auto& batch : lengths) {
        auto& made = window.emplace_back();
        for (const int length : batch) {
            std::vector<std::int32_t> ids(static_cast<std::size_t>(length));
            std::iota(ids.begin(), ids.end(), next);
            next += length;
            made.add({ids, std::vector<std::uint8_t>(ids.size(), 1), 0});
        }
    }
    return window;
}

}

TEST(RowShare, MakesUpTheWindowAndIsEven)
{
    const auto window = windowOf({{30, 10, 25, 5, 40}, {60, 20, 30}, {100}, {7, 8, 9, 10, 11}});
    std::int64_t total = 0, trained = 0;
    for (const auto& batch : window) {
        total += batch.tokens();
        trained += batch.trained;
    }
    for (const int size : {1, 2, 3, 4}) {
        std::int64_t tokens = 0, targets = 0;
        std::vector<std::int32_t> seen;
        for (int rank = 0; rank < size; ++rank) {
            std::int64_t own = 0;
            for (const auto& batch : shareOf(window, rank, size, true)) {
                own += batch.tokens();
                targets += batch.trained;
                seen.insert(seen.end(), batch.ids.begin(), batch.ids.end());
                EXPECT_EQ(batch.ids.size(), batch.targets.size());
                EXPECT_EQ(batch.segments.back(), static_cast<std::int32_t>(batch.ids.size()));
                for (std::size_t i = 0; i < batch.ids.size(); ++i)
                    EXPECT_TRUE(batch.targets[i] == -1 || batch.targets[i] == batch.ids[i] + 1);
            }
            tokens += own;
            EXPECT_NEAR(static_cast<double>(own), static_cast<double>(total) / size, 100);  // no row is cut
        }
        EXPECT_EQ(tokens, total);
        EXPECT_EQ(targets, trained);
        std::sort(seen.begin(), seen.end());
        EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end()) << "a row is nobody's twice";
    }
}

TEST(RowShare, KeepsPartsLabelsAndTypes)
{
    Window window(1);
    auto& batch = window.front();
    for (std::int32_t row = 0; row < 4; ++row) {
        const std::vector<std::int32_t> ids {row, row, row}, pair {row, 9};
        batch.addSequence(ids, std::vector<std::uint8_t> {0, 1, 1});
        batch.addTextPair(pair, 1);
        batch.closeRow(std::vector<float> {static_cast<float>(row)}, 1);
    }

    const auto share = shareOf(window, 1, 2, true);

    ASSERT_EQ(share.size(), 1u);
    EXPECT_EQ(share[0].rows(), 2);
    EXPECT_EQ(share[0].sequences(), 4);
    EXPECT_EQ(share[0].trained, 2);
    EXPECT_EQ(share[0].labels, (std::vector<float> {2, 3}));
    EXPECT_EQ(share[0].ids, (std::vector<std::int32_t> {2, 2, 2, 2, 9, 3, 3, 3, 3, 9}));
    EXPECT_EQ(share[0].types, (std::vector<std::uint8_t> {0, 0, 0, 0, 1, 0, 0, 0, 0, 1}));
    EXPECT_EQ(share[0].targets, (std::vector<std::int32_t> {2, 2, -1, -1, -1, 3, 3, -1, -1, -1}));
    EXPECT_EQ(share[0].rowSegments, (std::vector<std::int32_t> {0, 2, 4}));
}

TEST(RowShare, TakesWholeBatchesWhereALossIsNoSum)
{
    const auto window = windowOf({{5}, {6}, {7}});

    EXPECT_EQ(shareOf(window, 0, 2, false).size(), 2u);
    ASSERT_EQ(shareOf(window, 1, 2, false).size(), 1u);
    EXPECT_EQ(shareOf(window, 1, 2, false)[0].tokens(), 6);
    EXPECT_TRUE(shareOf(window, 3, 4, false).empty());
}

TEST(RowShare, KnowsTheLargestPiece)
{
    const auto window = windowOf({{30, 10, 25}, {60, 20}});

    EXPECT_EQ(largestPiece(window, 1000), 80);
    EXPECT_EQ(largestPiece(window, 64), 60);
    EXPECT_EQ(largestPiece(window, 1), 60);
}

}
