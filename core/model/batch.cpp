// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/batch.h"

#include <algorithm>

namespace attune::model {
namespace {

/// Appends what lies between two starts of a ragged list, and the new end.
template<typename T>
void appendRagged(const std::vector<T>& values, std::size_t begin, std::size_t end, std::vector<T>& out)
{
    out.insert(out.end(), values.begin() + static_cast<std::ptrdiff_t>(begin), values.begin() + static_cast<std::ptrdiff_t>(end));
}

void appendSequence(const PackedBatch& from, std::size_t sequence, PackedBatch& to)
{
    const auto begin = static_cast<std::size_t>(from.segments[sequence]), end = static_cast<std::size_t>(from.segments[sequence + 1]);
    appendRagged(from.ids, begin, end, to.ids);
    appendRagged(from.targets, begin, end, to.targets);
    if (!from.types.empty())
        appendRagged(from.types, begin, end, to.types);
    if (to.segments.empty())
        to.segments.push_back(0);
    to.segments.push_back(static_cast<std::int32_t>(to.ids.size()));
}

}

void PackedBatch::addSequence(std::span<const std::int32_t> sequence, std::span<const std::uint8_t> trainedTokens)
{
    if (segments.empty())
        segments.push_back(0);
    ids.insert(ids.end(), sequence.begin(), sequence.end());
    for (std::size_t i = 0; i < sequence.size(); ++i) {
        const bool isTarget = i + 1 < sequence.size() && i + 1 < trainedTokens.size() && trainedTokens[i + 1];
        targets.push_back(isTarget ? sequence[i + 1] : -1);
    }
    segments.push_back(static_cast<std::int32_t>(ids.size()));
    if (!types.empty())
        types.resize(ids.size(), 0);
}

void PackedBatch::addTextPair(std::span<const std::int32_t> sequence, std::size_t secondBegin)
{
    const auto begin = ids.size();
    addSequence(sequence, {});
    types.resize(ids.size(), 0);
    std::fill(types.begin() + static_cast<std::ptrdiff_t>(begin + std::min(secondBegin, sequence.size())), types.end(), std::uint8_t(1));
}

void PackedBatch::closeRow(std::span<const float> rowLabels, std::int32_t rowUnits)
{
    if (rowSegments.empty()) {
        rowSegments.push_back(0);
        labelStarts.push_back(0);
    }
    rowSegments.push_back(static_cast<std::int32_t>(sequences()));
    labels.insert(labels.end(), rowLabels.begin(), rowLabels.end());
    labelStarts.push_back(static_cast<std::int32_t>(labels.size()));
    units.push_back(rowUnits);
    trained += rowUnits;
}

void PackedBatch::add(const tokenizer::TokenRow& row)
{
    const auto before = targets.size();
    if (row.partLengths.empty()) {
        addSequence(row.ids, row.trained);
    } else {
        std::size_t at = 0;
        for (const auto length : row.partLengths) {
            addSequence(row.ids.subspan(at, static_cast<std::size_t>(length)), row.trained.subspan(at, static_cast<std::size_t>(length)));
            at += static_cast<std::size_t>(length);
        }
    }
    closeRow(row.labels, static_cast<std::int32_t>(std::count_if(targets.begin() + static_cast<std::ptrdiff_t>(before), targets.end(), [](std::int32_t id) { return id >= 0; })));
}

std::vector<PackedBatch> split(const PackedBatch& batch, std::int64_t maxTokens)
{
    std::vector<PackedBatch> pieces;
    for (std::size_t row = 0; row < batch.units.size(); ++row) {
        const auto begin = static_cast<std::size_t>(batch.rowSegments[row]), end = static_cast<std::size_t>(batch.rowSegments[row + 1]);
        const auto tokens = static_cast<std::int64_t>(batch.segments[end] - batch.segments[begin]);
        if (pieces.empty() || (pieces.back().tokens() > 0 && pieces.back().tokens() + tokens > maxTokens))
            pieces.emplace_back();
        for (auto sequence = begin; sequence < end; ++sequence)
            appendSequence(batch, sequence, pieces.back());
        const auto labelBegin = static_cast<std::size_t>(batch.labelStarts[row]), labelEnd = static_cast<std::size_t>(batch.labelStarts[row + 1]);
        pieces.back().closeRow(std::span(batch.labels).subspan(labelBegin, labelEnd - labelBegin), batch.units[row]);
    }
    return pieces;
}

}
