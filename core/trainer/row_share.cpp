// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/row_share.h"

#include <algorithm>

namespace attune::trainer {
namespace {

using model::PackedBatch;

/// Each row of a batch as a batch of its own.
std::vector<PackedBatch> rowsOf(const PackedBatch& batch)
{
    return model::split(batch, 0);
}

/// Puts a batch of one row behind others.
void append(const PackedBatch& row, PackedBatch& to)
{
    for (std::size_t s = 0; s + 1 < row.segments.size(); ++s) {
        const auto begin = row.segments[s], end = row.segments[s + 1];
        to.addSequence(std::span(row.ids).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)), {});
        std::copy(row.targets.begin() + begin, row.targets.begin() + end, to.targets.end() - (end - begin));
        if (!row.types.empty()) {
            to.types.resize(to.ids.size(), 0);
            std::copy(row.types.begin() + begin, row.types.begin() + end, to.types.end() - (end - begin));
        }
    }
    to.closeRow(row.labels, row.units.front());
}

}

std::int64_t largestPiece(const Window& window, std::int64_t pieceTokens)
{
    std::int64_t largest = 0;
    for (const auto& batch : window)
        for (const auto& piece : model::split(batch, pieceTokens))
            largest = std::max(largest, piece.tokens());
    return largest;
}

Window shareOf(const Window& window, int rank, int size, bool mayCut)
{
    std::int64_t total = 0, before = 0;
    for (const auto& batch : window)
        total += batch.tokens();
    Window share;
    for (std::size_t b = 0; b < window.size(); ++b) {
        if (!mayCut) {
            if (static_cast<int>(b % static_cast<std::size_t>(size)) == rank)
                share.push_back(window[b]);
            continue;
        }
        PackedBatch part;
        for (const auto& row : rowsOf(window[b])) {
            // A row belongs to whoever its middle token falls to.
            const std::int64_t middle = before + row.tokens() / 2;
            before += row.tokens();
            if (middle * size / std::max<std::int64_t>(1, total) == rank)
                append(row, part);
        }
        if (part.rows() > 0)
            share.push_back(std::move(part));
    }
    return share;
}

}
