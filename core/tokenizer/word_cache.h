// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tokenizer/token_model.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace attune::tokenizer {

/// The ids of words met lately. Natural text repeats its words, so nearly every word is one probe of
/// one cache line. Bounded: an entry that loses its place is merely computed again. One per thread.
///
/// Words of up to 15 bytes lie in the entry itself (16 bytes: text, zeros, length); longer ones up to
/// kLongest bytes in a second, smaller table.
class WordCache
{
public:
    static constexpr std::size_t kShort = 15;
    static constexpr std::size_t kLongest = 46;

    WordCache() : m_entries(std::make_unique<Set[]>(kSets)), m_long(std::make_unique<LongEntry[]>(kLongEntries)) {}

    /// Empties the cache when it served another tokenizer.
    void use(std::uint64_t owner)
    {
        if (m_owner == owner)
            return;
        std::fill_n(m_entries.get(), kSets, Set {});
        std::fill_n(m_long.get(), kLongEntries, LongEntry {});
        m_owner = owner;
    }

    /// Appends the ids of [begin, end); readable is the end of memory that may be loaded from.
    void encode(const char* begin, const char* end, const char* readable, const TokenModel& model, Ids& ids)
    {
        const auto length = static_cast<std::size_t>(end - begin);
        if (length > kShort) {
            encodeLong({begin, length}, model, ids);
            return;
        }
        const Key key = keyOf(begin, length, readable);
        Set& set = m_entries[(key.low * 0x9E3779B97F4A7C15ull ^ key.high * 0xC2B2AE3D27D4EB4Full) >> (64 - kSetBits)];
        if (set[0].key == key)
            append(set[0].ids, ids);
        else if (set[1].key == key)
            append(set[1].ids, ids);
        else
            addMissing(set, key, {begin, length}, model, ids);
    }

private:
    struct Key {
        std::uint64_t low = 0, high = 0;  ///< high's top byte is the length: no word has the key 0
        bool operator==(const Key& other) const { return ((low ^ other.low) | (high ^ other.high)) == 0; }
    };
    struct Entry {
        Key key;
        std::array<std::int32_t, 4> ids {-1, -1, -1, -1};  ///< -1 behind the last
    };
    struct alignas(64) Set : std::array<Entry, 2> {};
    struct LongEntry {
        std::uint8_t length = 0;
        std::uint8_t count = 0;
        std::array<char, kLongest> text {};
        std::array<std::int32_t, 20> ids {};
    };
    static constexpr int kSetBits = 15;  ///< 2 MiB: the words of most texts, half in the second-level cache
    static constexpr std::size_t kSets = std::size_t(1) << kSetBits;
    static constexpr std::size_t kLongEntries = 4096;

    static Key keyOf(const char* begin, std::size_t length, const char* readable)
    {
        Key key;
        if (readable - begin >= 16) [[likely]] {
            std::memcpy(&key, begin, 16);
            const auto bits = 8 * length;
            const auto mask = [](std::size_t n) { return n >= 64 ? ~std::uint64_t(0) : (std::uint64_t(1) << n) - 1; };
            key.low &= mask(bits);
            key.high &= mask(bits > 64 ? bits - 64 : 0);
        } else {
            std::memcpy(&key, begin, length);
        }
        key.high |= static_cast<std::uint64_t>(length) << 56;
        return key;
    }

    static void append(const std::array<std::int32_t, 4>& found, Ids& ids)
    {
        ids.push_back(found[0]);
        if (found[1] < 0) [[likely]]
            return;
        for (std::size_t i = 1; i < 4 && found[i] >= 0; ++i)
            ids.push_back(found[i]);
    }

    void addMissing(Set& set, const Key& key, std::string_view word, const TokenModel& model, Ids& ids)
    {
        const std::size_t before = ids.size();
        model.encode(word, ids);
        const std::size_t count = ids.size() - before;
        if (count == 0 || count > 4)
            return;
        set[1] = set[0];
        set[0] = {key, {-1, -1, -1, -1}};
        std::copy_n(ids.begin() + static_cast<std::ptrdiff_t>(before), count, set[0].ids.begin());
    }

    void encodeLong(std::string_view word, const TokenModel& model, Ids& ids);

    std::unique_ptr<Set[]> m_entries;
    std::unique_ptr<LongEntry[]> m_long;
    std::uint64_t m_owner = 0;
};

}
