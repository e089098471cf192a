// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/shard.h"

#include "base/hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace attune::tokenizer {
namespace {

constexpr std::string_view kMagic = "ATTSHRD1", kSecondMagic = "ATTSHRD2";
constexpr std::size_t kHeader = 8 + 8 + 8, kSecondHeader = 8 + 4 * 8;

Error corrupt(const std::string& path, std::string_view what)
{
    return fail(ErrorCode::FileCorrupt, fmt::format("The token file {} is damaged: {}.", path, what), "Delete it; it is made again from the dataset.");
}

template<typename T>
void appendArray(std::string& out, const std::vector<T>& values)
{
    out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

}

Result<TokenShard> TokenShard::open(const std::string& path)
{
    ATTUNE_TRY(auto file, MappedFile::open(path));
    const auto text = file.text();
    if (text.starts_with(kSecondMagic))
        return openSecond(std::move(file));
    if (text.size() < kHeader + 8 + sizeof(std::uint64_t) || !text.starts_with(kMagic))
        return corrupt(path, "it does not begin as one");
    std::uint64_t rows = 0, tokens = 0, sum = 0;
    std::memcpy(&rows, text.data() + 8, 8);
    std::memcpy(&tokens, text.data() + 16, 8);
    // Each row takes 16 bytes and each token 5, so that neither product can overflow behind this.
    if (rows > text.size() / 16 || tokens > text.size() / 5 || text.size() != kHeader + (rows + 1) * 8 + rows * 8 + tokens * 5 + 8)
        return corrupt(path, "its length does not fit its counts");
    std::memcpy(&sum, text.data() + text.size() - 8, 8);
    if (hash64(text.substr(0, text.size() - 8)) != sum)
        return corrupt(path, "its checksum is wrong");
    TokenShard shard;
    shard.m_rows = static_cast<std::int64_t>(rows);
    shard.m_tokens = static_cast<std::int64_t>(tokens);
    shard.m_offsets = reinterpret_cast<const std::uint64_t*>(text.data() + kHeader);
    shard.m_rowNumbers = reinterpret_cast<const std::int64_t*>(shard.m_offsets + rows + 1);
    shard.m_ids = reinterpret_cast<const std::int32_t*>(shard.m_rowNumbers + rows);
    shard.m_trained = reinterpret_cast<const std::uint8_t*>(shard.m_ids + tokens);
    shard.m_file = std::move(file);
    ATTUNE_RETURN_IF_ERROR(shard.checkRows());
    return shard;
}

Result<TokenShard> TokenShard::openSecond(MappedFile file)
{
    const std::string path = file.path();
    const auto text = file.text();
    std::uint64_t counts[4] {}, sum = 0;
    if (text.size() < kSecondHeader + 3 * 8 + 8)
        return corrupt(path, "it is too short");
    std::memcpy(counts, text.data() + 8, sizeof counts);
    const auto [rows, tokens, parts, labels] = counts;
    // Each row takes 32 bytes, each token 5, each part and label 4: no product overflows behind this.
    if (rows > text.size() / 32 || tokens > text.size() / 5 || parts > text.size() / 4 || labels > text.size() / 4
        || text.size() != kSecondHeader + 3 * (rows + 1) * 8 + rows * 8 + tokens * 5 + (parts + labels) * 4 + 8)
        return corrupt(path, "its length does not fit its counts");
    std::memcpy(&sum, text.data() + text.size() - 8, 8);
    if (hash64(text.substr(0, text.size() - 8)) != sum)
        return corrupt(path, "its checksum is wrong");
    TokenShard shard;
    shard.m_rows = static_cast<std::int64_t>(rows);
    shard.m_tokens = static_cast<std::int64_t>(tokens);
    shard.m_offsets = reinterpret_cast<const std::uint64_t*>(text.data() + kSecondHeader);
    shard.m_partOffsets = shard.m_offsets + rows + 1;
    shard.m_labelOffsets = shard.m_partOffsets + rows + 1;
    shard.m_rowNumbers = reinterpret_cast<const std::int64_t*>(shard.m_labelOffsets + rows + 1);
    shard.m_ids = reinterpret_cast<const std::int32_t*>(shard.m_rowNumbers + rows);
    shard.m_partLengths = shard.m_ids + tokens;
    shard.m_labels = reinterpret_cast<const float*>(shard.m_partLengths + parts);
    shard.m_trained = reinterpret_cast<const std::uint8_t*>(shard.m_labels + labels);
    if (shard.m_partOffsets[rows] != parts || shard.m_labelOffsets[rows] != labels)
        return corrupt(path, "its rows do not cover its parts and labels");
    shard.m_file = std::move(file);
    ATTUNE_RETURN_IF_ERROR(shard.checkRows());
    return shard;
}

/// The checksum guards against accidents only: offsets are followed, so they are looked at as well.
Status TokenShard::checkRows() const
{
    const auto isAscending = [this](const std::uint64_t* offsets) {
        return !offsets || (offsets[0] == 0 && std::is_sorted(offsets, offsets + m_rows + 1));
    };
    if (m_offsets[m_rows] != static_cast<std::uint64_t>(m_tokens))
        return corrupt(path(), "its rows do not cover its tokens");
    if (!isAscending(m_offsets) || !isAscending(m_partOffsets) || !isAscending(m_labelOffsets))
        return corrupt(path(), "a row ends before it begins");
    for (std::int64_t i = 0; m_partOffsets && i < m_rows; ++i) {
        std::int64_t sum = 0;
        bool isNegative = false;
        for (auto p = m_partOffsets[i]; p < m_partOffsets[i + 1]; ++p) {
            sum += m_partLengths[p];
            isNegative = isNegative || m_partLengths[p] < 0;
        }
        if (isNegative || (m_partOffsets[i] < m_partOffsets[i + 1] && sum != length(i)))
            return corrupt(path(), fmt::format("the parts of row {} are not as long as the row", i));
    }
    return {};
}

TokenRow TokenShard::row(std::int64_t index) const
{
    ATTUNE_CHECK(index >= 0 && index < m_rows, "row of a token shard");
    const auto begin = m_offsets[index];
    const auto count = static_cast<std::size_t>(m_offsets[index + 1] - begin);
    TokenRow row {{m_ids + begin, count}, {m_trained + begin, count}, m_rowNumbers[index]};
    if (m_partOffsets) {
        row.partLengths = {m_partLengths + m_partOffsets[index], static_cast<std::size_t>(m_partOffsets[index + 1] - m_partOffsets[index])};
        row.labels = {m_labels + m_labelOffsets[index], static_cast<std::size_t>(m_labelOffsets[index + 1] - m_labelOffsets[index])};
    }
    return row;
}

std::int64_t TokenShard::length(std::int64_t index) const
{
    ATTUNE_CHECK(index >= 0 && index < m_rows, "row of a token shard");
    return static_cast<std::int64_t>(m_offsets[index + 1] - m_offsets[index]);
}

void TokenShardWriter::add(std::span<const std::int32_t> ids, std::span<const std::uint8_t> trained, std::int64_t row,
    std::span<const std::int32_t> partLengths, std::span<const float> labels)
{
    ATTUNE_CHECK(ids.size() == trained.size(), "a mask as long as its ids");
    m_ids.insert(m_ids.end(), ids.begin(), ids.end());
    m_trained.insert(m_trained.end(), trained.begin(), trained.end());
    m_offsets.push_back(m_ids.size());
    m_rowNumbers.push_back(row);
    m_partLengths.insert(m_partLengths.end(), partLengths.begin(), partLengths.end());
    m_partOffsets.push_back(m_partLengths.size());
    m_labels.insert(m_labels.end(), labels.begin(), labels.end());
    m_labelOffsets.push_back(m_labels.size());
}

Status TokenShardWriter::write(const std::string& path) const
{
    const bool isSecond = !m_partLengths.empty() || !m_labels.empty();
    std::string out(isSecond ? kSecondMagic : kMagic);
    out.reserve(kSecondHeader + m_offsets.size() * 32 + m_ids.size() * 5 + (m_partLengths.size() + m_labels.size()) * 4 + 8);
    const std::uint64_t counts[4] {m_rowNumbers.size(), m_ids.size(), m_partLengths.size(), m_labels.size()};
    out.append(reinterpret_cast<const char*>(counts), (isSecond ? 4 : 2) * sizeof *counts);
    appendArray(out, m_offsets);
    if (isSecond) {
        appendArray(out, m_partOffsets);
        appendArray(out, m_labelOffsets);
    }
    appendArray(out, m_rowNumbers);
    appendArray(out, m_ids);
    if (isSecond) {
        appendArray(out, m_partLengths);
        appendArray(out, m_labels);
    }
    appendArray(out, m_trained);
    const std::uint64_t sum = hash64(out);
    out.append(reinterpret_cast<const char*>(&sum), sizeof sum);
    return writeFileAtomically(path, out);
}

}
