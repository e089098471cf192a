// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tokenizer/shard.h"

#include <cstdint>
#include <span>
#include <vector>

namespace attune::model {

/// A packed micro-batch: sequences lie one after another, without padding, with their boundaries.
/// Attention never crosses a boundary; positions restart at each. A row of the dataset is one sequence,
/// or several (chosen and rejected answer; for encoder-decoders what the encoder reads and what the decoder writes, in turn).
struct PackedBatch {
    std::vector<std::int32_t> ids;       ///< [T]
    std::vector<std::int32_t> targets;   ///< [T]: the next token of the same sequence where that token is trained, else -1
    std::vector<std::int32_t> segments;  ///< [S+1]: starts of the sequences, last = T (cu_seqlens)
    std::int64_t trained = 0;            ///< what a step's loss is divided by: targets, rows or pairs, as the objective counts

    std::vector<std::uint8_t> types;     ///< [T]: 1 for tokens of a second text (BERT's token types); empty: all are 0

    // Rows, R of them. The fast decoder reads none of this.
    std::vector<std::int32_t> rowSegments;  ///< [R+1]: the first sequence of each row
    std::vector<std::int32_t> units;        ///< [R]: the row's share of trained
    std::vector<float> labels;              ///< of all rows, one after another
    std::vector<std::int32_t> labelStarts;  ///< [R+1]

    std::int64_t tokens() const { return static_cast<std::int64_t>(ids.size()); }
    std::int64_t rows() const { return static_cast<std::int64_t>(units.size()); }
    std::int64_t sequences() const { return segments.empty() ? 0 : static_cast<std::int64_t>(segments.size()) - 1; }

    /// Appends a row: targets are shifted, the first token of a sequence is never one; units are targets.
    void add(const tokenizer::TokenRow& row);

    // Rows made piece by piece: their sequences, then closeRow().
    void addSequence(std::span<const std::int32_t> sequence, std::span<const std::uint8_t> trainedTokens);
    /// A sequence of two texts, of which the second begins at secondBegin.
    void addTextPair(std::span<const std::int32_t> sequence, std::size_t secondBegin);
    void closeRow(std::span<const float> rowLabels, std::int32_t rowUnits);
};

/// Cuts a batch at row boundaries into pieces of at most about maxTokens each; sums of losses and
/// gradients over the pieces are those of the whole, where the objective's loss is a sum over rows.
std::vector<PackedBatch> split(const PackedBatch& batch, std::int64_t maxTokens);

}
