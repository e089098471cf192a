// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace attune::tokenizer {

/// Strings to ids, in one open-addressed table over one block of bytes: 150 000 entries are built in a
/// few milliseconds and looked up without allocation. Constant after the last add(): any thread reads.
class Vocab
{
public:
    void reserve(std::size_t entries, std::size_t bytes);
    /// Later entries of the same text replace earlier ones, or not.
    void add(std::string_view text, std::int32_t id, bool replace = true);
    std::int32_t find(std::string_view text) const;  ///< -1 if absent
    std::size_t size() const { return m_size; }
    std::size_t longest() const { return m_longest; }  ///< bytes of the longest entry

private:
    struct Slot {
        std::uint32_t offset = 0;
        std::uint32_t length = 0;
        std::uint32_t tag = 0;  ///< high half of the hash
        std::int32_t id = -1;
    };
    void grow(std::size_t slots);

    std::string m_bytes;
    std::vector<Slot> m_slots;
    std::size_t m_size = 0;
    std::size_t m_longest = 0;
};

/// What a pair of adjacent symbols becomes. rank: lower merges first.
struct Merge {
    std::int32_t rank = -1;
    std::int32_t id = -1;
};

/// (left id, right id) -> Merge, open-addressed.
class MergeTable
{
public:
    void reserve(std::size_t entries);
    void add(std::int32_t left, std::int32_t right, Merge merge, bool replace);
    /// rank -1 when the pair does not merge.
    Merge find(std::int32_t left, std::int32_t right) const
    {
        if (m_slots.empty())
            return {};
        const std::uint64_t key = keyOf(left, right);
        for (std::size_t i = indexOf(key);; i = (i + 1) & m_mask) {
            if (m_slots[i].key == key)
                return m_slots[i].merge;
            if (m_slots[i].key == kEmpty)
                return {};
        }
    }
    std::size_t size() const { return m_size; }

private:
    struct Slot {
        std::uint64_t key = kEmpty;
        Merge merge;
    };
    static constexpr std::uint64_t kEmpty = ~std::uint64_t(0);
    static std::uint64_t keyOf(std::int32_t left, std::int32_t right)
    {
        return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) | static_cast<std::uint32_t>(right);
    }
    std::size_t indexOf(std::uint64_t key) const { return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15ull) >> m_shift); }

    std::vector<Slot> m_slots;
    std::size_t m_mask = 0;
    int m_shift = 64;
    std::size_t m_size = 0;
};

}
