// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/piece_layout.h"

#include <gtest/gtest.h>

#include <numeric>

namespace attune::model {
namespace {

using Ids = std::vector<std::int32_t>;

/// Rows of a beginning and what follows it; trained from `trained` tokens on.
PackedBatch batchOf(const Ids& beginning, const std::vector<Ids>& rows, std::size_t trained)
{
    PackedBatch batch;
    for (const auto& row : rows) {
        Ids ids = beginning;
        ids.insert(ids.end(), row.begin(), row.end());
        std::vector<std::uint8_t> isTrained(ids.size(), 0);
        std::fill(isTrained.begin() + static_cast<std::ptrdiff_t>(std::min(trained, ids.size())), isTrained.end(), std::uint8_t(1));
        batch.add({ids, isTrained, 0});
    }
    return batch;
}

Ids counted(std::size_t length)
{
    Ids ids(length);
    std::iota(ids.begin(), ids.end(), 100);
    return ids;
}

}

TEST(PieceLayout, PutsACommonBeginningOnce)
{
    const auto batch = batchOf(counted(10), {{1, 2, 3}, {4}, {1, 5}}, 11);

    ASSERT_EQ(commonBeginning(batch), 10);
    const auto layout = layoutOf(batch, 10);

    EXPECT_EQ(layout.ids.size(), 16u);
    EXPECT_EQ(std::vector<std::int64_t>(layout.ids.begin() + 10, layout.ids.end()), (std::vector<std::int64_t> {1, 2, 3, 4, 1, 5}));
    EXPECT_EQ(std::vector<std::int32_t>(layout.positions.begin() + 10, layout.positions.end()), (std::vector<std::int32_t> {10, 11, 12, 10, 10, 11}));
    EXPECT_EQ(layout.targets, (std::vector<std::int64_t> {2, 3, 5}));
    EXPECT_EQ(layout.targetRows, (std::vector<std::int64_t> {10, 11, 14}));
    EXPECT_EQ(layout.longest, 13);
    ASSERT_EQ(layout.segments.size(), 4u);
    EXPECT_EQ(layout.keyRows.size(), 10u + 13 + 11 + 12);
    for (const auto& segment : layout.segments) {
        // The last key of a segment is its last query's own token.
        EXPECT_EQ(layout.keyRows[static_cast<std::size_t>(segment.key + segment.keyLength - 1)], segment.query + segment.queryLength - 1);
        EXPECT_EQ(layout.keyRows[static_cast<std::size_t>(segment.key)], 0);
    }
}

TEST(PieceLayout, LeavesRowsAloneThatShareLittle)
{
    EXPECT_EQ(commonBeginning(batchOf(counted(10), {{1, 2, 3}}, 11)), 0) << "one row";
    EXPECT_EQ(commonBeginning(batchOf(counted(7), {{1}, {2}}, 8)), 0) << "few tokens";
    EXPECT_EQ(commonBeginning(batchOf({}, {counted(20), Ids(20, 3)}, 0)), 0) << "nothing in common";
    EXPECT_EQ(commonBeginning(batchOf(counted(20), {{1}, {2}}, 12)), 11) << "nothing trained is shared";
    EXPECT_EQ(commonBeginning(batchOf(counted(20), {{}, {}}, 21)), 19) << "each row keeps a token";

    const auto batch = batchOf(counted(3), {{1, 2}, {4}}, 4);
    const auto layout = layoutOf(batch, 0);
    EXPECT_EQ(layout.ids, std::vector<std::int64_t>(batch.ids.begin(), batch.ids.end()));
    ASSERT_EQ(layout.segments.size(), 2u);
    EXPECT_EQ(layout.segments[1].key, layout.segments[1].query);
    EXPECT_TRUE(layout.keyRows.empty());
}

TEST(RoundedShape, HoldsTheLayoutAndATokenOfPadding)
{
    for (const std::size_t length : {1, 62, 63, 64, 65, 900, 4095, 4096, 5000}) {
        auto layout = layoutOf(batchOf({}, {counted(length), counted(7)}, length / 3), 0);
        const auto tokens = static_cast<std::int64_t>(layout.ids.size()), targets = static_cast<std::int64_t>(layout.targets.size());
        const auto shape = roundedShape(layout);
        EXPECT_GT(shape.tokens, tokens);
        EXPECT_LE(shape.tokens, std::max<std::int64_t>(tokens + 64, tokens * 33 / 32 + 1));
        EXPECT_GE(shape.targets, targets);

        padTo(layout, shape);
        EXPECT_EQ(layout.ids.size(), static_cast<std::size_t>(shape.tokens));
        EXPECT_EQ(layout.positions.size(), static_cast<std::size_t>(shape.tokens));
        EXPECT_EQ(layout.targets.size(), static_cast<std::size_t>(shape.targets));
        EXPECT_EQ(layout.segments.size(), static_cast<std::size_t>(shape.segments));
        std::int64_t covered = 0;
        for (const auto& segment : layout.segments) {
            EXPECT_EQ(segment.query, covered);
            EXPECT_LE(segment.queryLength, shape.longest);
            covered += segment.queryLength;
        }
        EXPECT_EQ(covered, shape.tokens);
        for (auto i = targets; i < shape.targets; ++i)
            EXPECT_TRUE(layout.targets[static_cast<std::size_t>(i)] == -1 && layout.targetRows[static_cast<std::size_t>(i)] >= tokens);
    }
}

TEST(RoundedShape, IsTheSameForPacksThatAreNearlyFull)
{
    const auto shapeOf = [](std::size_t length) { return roundedShape(layoutOf(batchOf({}, {counted(length), counted(length)}, 11), 0)); };
    EXPECT_EQ(shapeOf(2040).tokens, shapeOf(2047).tokens);
}

}
