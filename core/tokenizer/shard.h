// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/file.h"
#include "base/result.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace attune::tokenizer {

/// One row as the trainer sees it. Views into the shard.
struct TokenRow {
    std::span<const std::int32_t> ids;
    std::span<const std::uint8_t> trained;  ///< 1 where the token is a target; same length
    std::int64_t row = 0;                   ///< row number in the dataset
    /// Lengths of the sequences the row is made of (chosen and rejected, source and target); empty: one sequence.
    std::span<const std::int32_t> partLengths {};
    /// The row's class, number, flags, or one value a token (kNoLabel: none); empty where the objective has no labels.
    std::span<const float> labels {};
};

/// A token without a label (torch's ignore_index).
inline constexpr float kNoLabel = -100.0f;

/// The output of tokenisation: rows of ids with their trained mask, in one mapped file. Layout (little-endian):
/// version 1: "ATTSHRD1", u64 rows, u64 tokens, u64 offsets[rows+1], i64 rowNumber[rows], i32 ids[tokens], u8 trained[tokens],
/// XXH3-64 of all before it. Version 2, for rows with parts or labels: "ATTSHRD2", u64 rows, tokens, parts, labels, u64 offsets[rows+1],
/// u64 partOffsets[rows+1], u64 labelOffsets[rows+1], i64 rowNumber[rows], i32 ids[tokens], i32 partLengths[parts], f32 labels[labels],
/// u8 trained[tokens], XXH3-64. Any thread may read.
class TokenShard
{
public:
    static Result<TokenShard> open(const std::string& path);
    std::int64_t rows() const { return m_rows; }
    std::int64_t tokens() const { return m_tokens; }
    TokenRow row(std::int64_t index) const;
    std::int64_t length(std::int64_t index) const;
    const std::string& path() const { return m_file.path(); }

private:
    MappedFile m_file;
    std::int64_t m_rows = 0;
    std::int64_t m_tokens = 0;
    static Result<TokenShard> openSecond(MappedFile file);
    Status checkRows() const;

    const std::uint64_t* m_offsets = nullptr;
    const std::uint64_t* m_partOffsets = nullptr;   ///< version 2 only, as all that follows parts and labels
    const std::uint64_t* m_labelOffsets = nullptr;
    const std::int32_t* m_partLengths = nullptr;
    const float* m_labels = nullptr;
    const std::int64_t* m_rowNumbers = nullptr;
    const std::int32_t* m_ids = nullptr;
    const std::uint8_t* m_trained = nullptr;
};

/// Collects rows and writes the file atomically.
class TokenShardWriter
{
public:
    /// partLengths: none, or at least one that add up to the ids. Labels may be none.
    void add(std::span<const std::int32_t> ids, std::span<const std::uint8_t> trained, std::int64_t row,
        std::span<const std::int32_t> partLengths = {}, std::span<const float> labels = {});
    std::int64_t rows() const { return static_cast<std::int64_t>(m_rowNumbers.size()); }
    std::int64_t tokens() const { return static_cast<std::int64_t>(m_ids.size()); }
    Status write(const std::string& path) const;

private:
    std::vector<std::uint64_t> m_offsets {0};
    std::vector<std::int64_t> m_rowNumbers;
    std::vector<std::int32_t> m_ids;
    std::vector<std::uint8_t> m_trained;
    std::vector<std::uint64_t> m_partOffsets {0}, m_labelOffsets {0};
    std::vector<std::int32_t> m_partLengths;
    std::vector<float> m_labels;
};

}
