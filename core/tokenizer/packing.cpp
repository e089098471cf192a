// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/packing.h"

#include <algorithm>
#include <bit>

namespace attune::tokenizer {
namespace {

/// Which remaining capacities some bin has: a bit per capacity in levels of 64, so that the smallest
/// one that is large enough is found in a few steps.
class CapacitySet
{
public:
    explicit CapacitySet(std::size_t size)
    {
        do {
            size = (size + 63) / 64;
            m_levels.emplace_back(size, 0);
        } while (size > 1);
    }
    void insert(std::size_t value)
    {
        for (auto& level : m_levels) {
            level[value / 64] |= std::uint64_t(1) << (value % 64);
            value /= 64;
        }
    }
    void erase(std::size_t value)
    {
        for (auto& level : m_levels) {
            level[value / 64] &= ~(std::uint64_t(1) << (value % 64));
            if (level[value / 64])
                return;
            value /= 64;
        }
    }
    static constexpr std::size_t kNone = ~std::size_t(0);
    /// The smallest member that is at least value.
    std::size_t atLeast(std::size_t value) const
    {
        for (std::size_t l = 0; l < m_levels.size(); ++l) {
            if (value / 64 >= m_levels[l].size())
                return kNone;
            const std::uint64_t bits = m_levels[l][value / 64] >> (value % 64);
            if (bits) {
                std::size_t found = value + static_cast<std::size_t>(std::countr_zero(bits));
                while (l-- > 0)
                    found = found * 64 + static_cast<std::size_t>(std::countr_zero(m_levels[l][found]));
                return found;
            }
            value = value / 64 + 1;
        }
        return kNone;
    }

private:
    std::vector<std::vector<std::uint64_t>> m_levels;
};

/// Row indices by length, longest first, equal ones in order (counting sort up to capacity).
std::vector<std::int32_t> longestFirst(std::span<const std::int32_t> lengths, std::size_t capacity)
{
    std::vector<std::size_t> starts(capacity + 2, 0);
    const auto slot = [&](std::size_t i) { return capacity - std::min<std::size_t>(static_cast<std::size_t>(std::max(0, lengths[i])), capacity); };
    for (std::size_t i = 0; i < lengths.size(); ++i)
        ++starts[slot(i) + 1];
    for (std::size_t s = 1; s < starts.size(); ++s)
        starts[s] += starts[s - 1];
    std::vector<std::int32_t> order(lengths.size());
    for (std::size_t i = 0; i < lengths.size(); ++i)
        order[starts[slot(i)]++] = static_cast<std::int32_t>(i);
    return order;
}

}

std::vector<Bin> packBestFit(std::span<const std::int32_t> lengths, std::int64_t capacityTokens)
{
    // More room than all rows together need is no use, and would cost memory below.
    std::int64_t total = 0, longest = 0;
    for (const auto length : lengths) {
        total += std::max(0, length);
        longest = std::max<std::int64_t>(longest, length);
    }
    const auto capacity = static_cast<std::size_t>(std::max<std::int64_t>(1, std::min(capacityTokens, std::max<std::int64_t>(total, 1))));
    // Bins are built as linked rows: a vector each would cost an allocation per row.
    const auto order = longestFirst(lengths, capacity);
    std::vector<std::int32_t> binOf(lengths.size());
    std::vector<std::int32_t> sizes;
    std::vector<std::int32_t> nextBin;  // bins of the same remaining capacity, the one found last first
    std::vector<std::int32_t> firstBin(capacity + 1, -1);
    CapacitySet open(capacity + 1);
    const auto put = [&](std::int32_t bin, std::size_t room) {
        nextBin[static_cast<std::size_t>(bin)] = firstBin[room];
        if (firstBin[room] < 0)
            open.insert(room);
        firstBin[room] = bin;
    };
    for (const auto row : order) {
        const auto length = static_cast<std::size_t>(std::max(0, lengths[static_cast<std::size_t>(row)]));
        const std::size_t room = length > capacity ? CapacitySet::kNone : open.atLeast(length);
        std::int32_t bin = 0;
        if (room == CapacitySet::kNone) {
            bin = static_cast<std::int32_t>(sizes.size());
            sizes.push_back(0);
            nextBin.push_back(-1);
            if (length < capacity)
                put(bin, capacity - length);
        } else {
            bin = firstBin[room];
            firstBin[room] = nextBin[static_cast<std::size_t>(bin)];
            if (firstBin[room] < 0)
                open.erase(room);
            put(bin, room - length);
        }
        ++sizes[static_cast<std::size_t>(bin)];
        binOf[static_cast<std::size_t>(row)] = bin;
    }
    std::vector<Bin> bins(sizes.size());
    for (std::size_t b = 0; b < bins.size(); ++b)
        bins[b].reserve(static_cast<std::size_t>(sizes[b]));
    for (const auto row : order)
        bins[static_cast<std::size_t>(binOf[static_cast<std::size_t>(row)])].push_back(row);
    return bins;
}

std::vector<Bin> packNextFit(std::span<const std::int32_t> lengths, std::int64_t capacity)
{
    std::vector<Bin> bins;
    std::int64_t room = 0;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        if (bins.empty() || lengths[i] > room) {
            bins.emplace_back();
            room = capacity;
        }
        bins.back().push_back(static_cast<std::int64_t>(i));
        room -= lengths[i];
    }
    return bins;
}

}
