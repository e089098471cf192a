// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/row_key.h"

#include "cleaner/nested.h"

#include <charconv>
#include <cmath>

namespace attune::cleaner {
namespace {

/// Numbers are equal as values: 1, 1.0 and 1e0 are one number.
void appendNumber(std::string& key, std::string_view text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool isWhole = text.find_first_not_of("-0123456789") == std::string_view::npos;
    if (isWhole || error != std::errc() || end != text.data() + text.size())
        key += text == "-0" ? "0" : text;
    else if (value == std::floor(value) && std::abs(value) < 9e15)
        key += fmt::format("{}", static_cast<std::int64_t>(value));
    else
        key += fmt::format("{}", value);
}

/// Lists and objects are equal as JSON values, whatever their spacing and the order of their keys.
void appendNested(std::string& key, std::string_view text)
{
    const std::size_t before = key.size();
    if (!appendCanonical(key, text))
        key.replace(before, std::string::npos, text);
}

}

void exactKey(const Row& row, const std::vector<std::size_t>& columns, std::string& key)
{
    key.clear();
    for (const std::size_t c : columns) {
        const Cell& cell = row[c];
        const auto kind = cell.isMissing() ? Cell::Kind::Null : cell.kind;
        key += static_cast<char>(kind);
        const std::size_t lengthAt = key.size();
        key.append(8, '\0');
        if (kind == Cell::Kind::Number)
            appendNumber(key, cell.text);
        else if (kind == Cell::Kind::List || kind == Cell::Kind::Object)
            appendNested(key, cell.text);
        else
            key += cell.text;
        const std::uint64_t length = key.size() - lengthAt - 8;
        for (std::size_t i = 0; i < 8; ++i)
            key[lengthAt + i] = static_cast<char>(length >> (8 * i));
    }
}

Hash128 rowHash(const Row& row)
{
    if (const Hash128* known = row.knownHash())
        return *known;
    thread_local std::string key;
    thread_local std::vector<std::size_t> all;
    while (all.size() < row.size())
        all.push_back(all.size());
    all.resize(row.size());
    exactKey(row, all, key);
    const Hash128 hash = hash128(key);
    row.rememberHash(hash);
    return hash;
}

Result<Hash128> hashFromHex(const std::string& text)
{
    Hash128 hash;
    const auto half = [&](std::size_t at, std::uint64_t& out) {
        const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + 16, out, 16);
        return error == std::errc() && end == text.data() + at + 16;
    };
    if (text.size() != 32 || !half(0, hash.high) || !half(16, hash.low) || hash.hex() != text)
        return fail(ErrorCode::FileCorrupt, fmt::format("\"{}\" is no hash of a row.", text), "It has 32 digits from 0 to f, as data show --hashes prints it.");
    return hash;
}

}
