// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "base/hash.h"
#include "support/paths.h"
#include "tokenizer/shard.h"

#include <gtest/gtest.h>

#include <cstring>

namespace attune::tokenizer {
namespace {

std::string writeShard(const tests::TempDir& folder)
{
    TokenShardWriter writer;
    writer.add(std::vector<std::int32_t> {5, 6, 7}, std::vector<std::uint8_t> {0, 1, 1}, 3);
    writer.add(std::vector<std::int32_t> {9}, std::vector<std::uint8_t> {1}, 8);
    const auto path = folder.path("tokens.bin");
    EXPECT_TRUE(writer.write(path));
    return path;
}

/// The bytes with a fresh checksum behind them, so that only the change itself is wrong.
std::string resealed(std::string bytes)
{
    const auto sum = hash64(std::string_view(bytes).substr(0, bytes.size() - 8));
    std::memcpy(bytes.data() + bytes.size() - 8, &sum, 8);
    return bytes;
}

}

TEST(TokenShard, GivesBackWhatWasWritten)
{
    const tests::TempDir folder;

    const auto shard = TokenShard::open(writeShard(folder));

    ASSERT_TRUE(shard);
    EXPECT_EQ(shard->rows(), 2);
    EXPECT_EQ(shard->tokens(), 4);
    EXPECT_EQ(shard->length(0), 3);
    EXPECT_EQ(shard->row(0).row, 3);
    EXPECT_EQ(std::vector<std::int32_t>(shard->row(0).ids.begin(), shard->row(0).ids.end()), (std::vector<std::int32_t> {5, 6, 7}));
    EXPECT_EQ(shard->row(1).trained[0], 1);
}

TEST(TokenShard, RefusesEveryCutAndEveryFlippedByte)
{
    const tests::TempDir folder;
    const auto bytes = *readFile(writeShard(folder));

    for (std::size_t n = 0; n < bytes.size(); ++n)
        EXPECT_FALSE(TokenShard::open(folder.write("cut", bytes.substr(0, n)))) << n;
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        std::string bad = bytes;
        bad[n] = static_cast<char>(bad[n] ^ 0x40);
        EXPECT_FALSE(TokenShard::open(folder.write("flipped", bad))) << n;
    }
}

TEST(TokenShard, FollowsNoHostileOffset)
{
    const tests::TempDir folder;
    const auto bytes = *readFile(writeShard(folder));

    for (const std::uint64_t value : {std::uint64_t(0), std::uint64_t(4), std::uint64_t(100), ~std::uint64_t(0)}) {
        for (const std::size_t at : {8u, 16u, 24u, 32u, 40u}) {  // rows, tokens, offsets
            std::string bad = bytes;
            if (std::memcmp(bad.data() + at, &value, 8) == 0)
                continue;
            std::memcpy(bad.data() + at, &value, 8);
            const auto shard = TokenShard::open(folder.write("bad", resealed(bad)));
            if (!shard)
                continue;
            EXPECT_EQ(at, 32u);  // another sound split of the same tokens
            EXPECT_EQ(shard->length(0) + shard->length(1), 4);
        }
    }
}

}
