// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/batch.h"

namespace attune::model {

void PackedBatch::add(const tokenizer::TokenRow& row)
{
    if (segments.empty())
        segments.push_back(0);
    ids.insert(ids.end(), row.ids.begin(), row.ids.end());
    for (std::size_t i = 0; i < row.ids.size(); ++i) {
        const bool isTarget = i + 1 < row.ids.size() && row.trained[i + 1];
        targets.push_back(isTarget ? row.ids[i + 1] : -1);
        trained += isTarget;
    }
    segments.push_back(static_cast<std::int32_t>(ids.size()));
}

std::vector<PackedBatch> split(const PackedBatch& batch, std::int64_t maxTokens)
{
    std::vector<PackedBatch> pieces;
    for (std::size_t s = 0; s + 1 < batch.segments.size(); ++s) {
        const auto begin = batch.segments[s];
        const auto end = batch.segments[s + 1];
        if (pieces.empty() || (pieces.back().tokens() > 0 && pieces.back().tokens() + end - begin > maxTokens)) {
            pieces.emplace_back();
            pieces.back().segments.push_back(0);
        }
        auto& piece = pieces.back();
        piece.ids.insert(piece.ids.end(), batch.ids.begin() + begin, batch.ids.begin() + end);
        piece.targets.insert(piece.targets.end(), batch.targets.begin() + begin, batch.targets.begin() + end);
        piece.segments.push_back(static_cast<std::int32_t>(piece.ids.size()));
        for (auto t = begin; t < end; ++t)
            piece.trained += batch.targets[static_cast<std::size_t>(t)] >= 0;
    }
    return pieces;
}

}
