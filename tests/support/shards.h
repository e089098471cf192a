// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/random.h"
#include "support/paths.h"
#include "tokenizer/shard.h"

namespace attune::tests {

/// Writes a shard of rows that a bigram model can learn: each token is followed by its double plus one,
/// now and then by chance. The first third of a row is its prompt.
inline tokenizer::TokenShard makeShard(const TempDir& folder, std::int64_t rows, std::int32_t vocab = 16, std::uint64_t seed = 11,
    const std::string& name = "rows.tokens")
{
    tokenizer::TokenShardWriter writer;
    SplitMix64 random(seed);
    for (std::int64_t row = 0; row < rows; ++row) {
        const auto length = 5 + random.below(12);
        std::vector<std::int32_t> ids {static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(vocab)))};
        std::vector<std::uint8_t> trained {0};
        while (ids.size() < length) {
            const bool isNoise = random.below(10) == 0;
            ids.push_back(isNoise ? static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(vocab))) : (2 * ids.back() + 1) % vocab);
            trained.push_back(ids.size() > length / 3);
        }
        writer.add(ids, trained, row);
    }
    const std::string path = folder.path(name);
    if (const auto status = writer.write(path); !status)
        throw std::runtime_error(status.error().message);
    auto shard = tokenizer::TokenShard::open(path);
    if (!shard)
        throw std::runtime_error(shard.error().message);
    return std::move(*shard);
}

}
