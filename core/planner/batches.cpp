// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/batches.h"

#include "base/hash.h"
#include "base/random.h"

#include <cmath>
#include <map>

namespace attune::planner {
namespace {

constexpr std::int64_t kFewestRowsToSplit = 20;  // recipe.md: none, with a warning, below 20 rows

tokenizer::Bins chunks(std::int64_t rows, std::int64_t size)
{
    tokenizer::Bins bins;
    for (std::int64_t row = 0; row < rows; ++row) {
        bins.add(static_cast<std::int32_t>(row));
        if ((row + 1) % size == 0 || row + 1 == rows)
            bins.closeBin();
    }
    return bins;
}

/// For each row the first row with the same tokens.
std::vector<std::int64_t> duplicateGroups(const tokenizer::TokenShard& shard)
{
    std::map<Hash128, std::int64_t> firstOf;
    std::vector<std::int64_t> group(static_cast<std::size_t>(shard.rows()));
    for (std::int64_t row = 0; row < shard.rows(); ++row) {
        const auto ids = shard.row(row).ids;
        const Hash128 key = hash128({reinterpret_cast<const char*>(ids.data()), ids.size_bytes()});
        group[static_cast<std::size_t>(row)] = firstOf.try_emplace(key, row).first->second;
    }
    return group;
}

}

tokenizer::Bins microBatches(std::span<const std::int32_t> lengths, const BatchOptions& options)
{
    const std::int64_t size = std::max<std::int64_t>(1, options.batchSize);
    if (!options.isPacked)
        return chunks(static_cast<std::int64_t>(lengths.size()), size);
    const std::int64_t capacity = size * std::max<std::int64_t>(1, options.maxLength);
    return options.isShuffled ? tokenizer::packBestFit(lengths, capacity) : tokenizer::packNextFit(lengths, capacity);
}

std::vector<std::int32_t> lengthsOf(const tokenizer::TokenShard& shard, std::span<const std::int64_t> rows)
{
    std::vector<std::int32_t> lengths;
    lengths.reserve(rows.size());
    for (const auto row : rows)
        lengths.push_back(static_cast<std::int32_t>(shard.length(row)));
    return lengths;
}

EvalSplit splitEvaluation(const tokenizer::TokenShard& shard, double fraction, std::uint64_t seed)
{
    const std::int64_t n = shard.rows();
    const auto wanted = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(fraction * static_cast<double>(n))));
    std::vector<bool> evaluates(static_cast<std::size_t>(n), false);
    std::int64_t chosen = 0;
    if (fraction > 0 && n >= kFewestRowsToSplit) {
        const auto group = duplicateGroups(shard);
        std::map<std::int64_t, std::vector<std::int64_t>> members;
        for (std::int64_t row = 0; row < n; ++row)
            members[group[static_cast<std::size_t>(row)]].push_back(row);
        for (const auto row : permutation(n, seed)) {
            const auto& all = members[group[static_cast<std::size_t>(row)]];
            // A group that would take far more than was asked for stays in training.
            if (chosen >= wanted || evaluates[static_cast<std::size_t>(row)]
                || (all.size() > 1 && chosen + static_cast<std::int64_t>(all.size()) > wanted))
                continue;
            for (const auto member : all)
                evaluates[static_cast<std::size_t>(member)] = true;
            chosen += static_cast<std::int64_t>(all.size());
        }
    }
    EvalSplit split;
    for (std::int64_t row = 0; row < n; ++row)
        (evaluates[static_cast<std::size_t>(row)] ? split.eval : split.train).push_back(row);
    if (split.train.empty())
        std::swap(split.train, split.eval);
    return split;
}

}
