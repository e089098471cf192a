// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/shard.h"

#include "base/hash.h"

#include <fmt/format.h>

#include <cstring>

namespace attune::tokenizer {
namespace {

constexpr std::string_view kMagic = "ATTSHRD1";
constexpr std::size_t kHeader = 8 + 8 + 8;

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
    // The checksum guards against accidents only: offsets are followed, so they are looked at as well.
    if (shard.m_offsets[0] != 0 || shard.m_offsets[rows] != tokens)
        return corrupt(path, "its rows do not cover its tokens");
    for (std::uint64_t i = 0; i < rows; ++i)
        if (shard.m_offsets[i] > shard.m_offsets[i + 1])
            return corrupt(path, fmt::format("row {} ends before it begins", i));
    shard.m_file = std::move(file);
    return shard;
}

TokenRow TokenShard::row(std::int64_t index) const
{
    ATTUNE_CHECK(index >= 0 && index < m_rows, "row of a token shard");
    const auto begin = m_offsets[index];
    const auto count = static_cast<std::size_t>(m_offsets[index + 1] - begin);
    return {{m_ids + begin, count}, {m_trained + begin, count}, m_rowNumbers[index]};
}

std::int64_t TokenShard::length(std::int64_t index) const
{
    ATTUNE_CHECK(index >= 0 && index < m_rows, "row of a token shard");
    return static_cast<std::int64_t>(m_offsets[index + 1] - m_offsets[index]);
}

void TokenShardWriter::add(std::span<const std::int32_t> ids, std::span<const std::uint8_t> trained, std::int64_t row)
{
    ATTUNE_CHECK(ids.size() == trained.size(), "a mask as long as its ids");
    m_ids.insert(m_ids.end(), ids.begin(), ids.end());
    m_trained.insert(m_trained.end(), trained.begin(), trained.end());
    m_offsets.push_back(m_ids.size());
    m_rowNumbers.push_back(row);
}

Status TokenShardWriter::write(const std::string& path) const
{
    std::string out(kMagic);
    out.reserve(kHeader + m_offsets.size() * 8 + m_rowNumbers.size() * 8 + m_ids.size() * 5 + 8);
    const std::uint64_t counts[2] {m_rowNumbers.size(), m_ids.size()};
    out.append(reinterpret_cast<const char*>(counts), sizeof counts);
    appendArray(out, m_offsets);
    appendArray(out, m_rowNumbers);
    appendArray(out, m_ids);
    appendArray(out, m_trained);
    const std::uint64_t sum = hash64(out);
    out.append(reinterpret_cast<const char*>(&sum), sizeof sum);
    return writeFileAtomically(path, out);
}

}
