// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/piece_layout.h"

#include <algorithm>

namespace attune::model {

std::int64_t commonBeginning(const PackedBatch& batch)
{
    constexpr std::int64_t kLeast = 8;  // tokens: below, copying keys costs what it saves
    const auto sequences = static_cast<std::size_t>(batch.sequences());
    if (sequences < 2)
        return 0;
    const auto lengthOf = [&](std::size_t s) { return batch.segments[s + 1] - batch.segments[s]; };
    std::int64_t shared = lengthOf(0) - 1;
    for (std::size_t s = 0; s < sequences; ++s) {
        const auto begin = batch.segments[s];
        // Each row keeps a token of its own.
        shared = std::min<std::int64_t>(shared, lengthOf(s) - 1);
        std::int64_t same = 0;
        while (same < shared && batch.ids[static_cast<std::size_t>(begin + same)] == batch.ids[static_cast<std::size_t>(same)] && batch.targets[static_cast<std::size_t>(begin + same)] < 0)
            ++same;
        shared = same;
    }
    return shared < kLeast ? 0 : shared;
}

PieceLayout layoutOf(const PackedBatch& batch, std::int64_t shared)
{
    PieceLayout layout;
    const auto addToken = [&](std::size_t t, std::int64_t position) {
        if (t < batch.targets.size() && batch.targets[t] >= 0) {
            layout.targets.push_back(batch.targets[t]);
            layout.targetRows.push_back(static_cast<std::int64_t>(layout.ids.size()));
        }
        layout.ids.push_back(batch.ids[t]);
        layout.positions.push_back(static_cast<std::int32_t>(position));
    };
    for (std::int64_t t = 0; t < shared; ++t) {
        addToken(static_cast<std::size_t>(t), t);
        layout.keyRows.push_back(t);
    }
    const auto length = static_cast<std::int32_t>(shared);
    if (shared > 0)
        layout.segments.push_back({0, length, 0, length});
    for (std::size_t s = 0; s + 1 < batch.segments.size(); ++s) {
        const auto begin = batch.segments[s], all = batch.segments[s + 1] - begin;
        const auto query = static_cast<std::int32_t>(layout.ids.size());
        const auto key = shared > 0 ? static_cast<std::int32_t>(layout.keyRows.size()) : query;
        layout.segments.push_back({query, all - length, key, all});
        layout.longest = std::max<std::int64_t>(layout.longest, all);
        for (std::int64_t t = 0; t < all; ++t) {
            if (shared > 0)
                layout.keyRows.push_back(t < shared ? t : query + t - shared);
            if (t >= shared)
                addToken(static_cast<std::size_t>(begin + t), t);
        }
    }
    return layout;
}

namespace {

/// Up to the next multiple of `least`, doubled until there are no more than twice `parts` of them.
std::int64_t roundedUp(std::int64_t count, std::int64_t least, std::int64_t parts)
{
    std::int64_t step = least;
    while (step * 2 * parts <= count)
        step *= 2;
    return (count + step - 1) / step * step;
}

}

PieceShape roundedShape(const PieceLayout& layout)
{
    PieceShape shape;
    shape.tokens = roundedUp(static_cast<std::int64_t>(layout.ids.size()) + 1, 64, 32);
    shape.targets = roundedUp(static_cast<std::int64_t>(layout.targets.size()), 64, 8);
    shape.segments = roundedUp(static_cast<std::int64_t>(layout.segments.size()) + 1, 16, 4);
    shape.longest = roundedUp(std::max(layout.longest, shape.tokens - static_cast<std::int64_t>(layout.ids.size())), 64, 4);
    return shape;
}

void padTo(PieceLayout& layout, const PieceShape& shape)
{
    const auto begin = static_cast<std::int32_t>(layout.ids.size()), end = static_cast<std::int32_t>(shape.tokens);
    for (auto t = begin; t < end; ++t)
        layout.positions.push_back(t - begin);
    layout.ids.resize(static_cast<std::size_t>(shape.tokens), 0);
    layout.segments.push_back({begin, end - begin, begin, end - begin});
    layout.segments.resize(static_cast<std::size_t>(shape.segments), {end, 0, end, 0});
    layout.targets.resize(static_cast<std::size_t>(shape.targets), -1);
    layout.targetRows.resize(static_cast<std::size_t>(shape.targets), shape.tokens - 1);
    layout.longest = shape.longest;
}

}
