// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/packing.h"

#include <algorithm>
#include <bit>
#include <utility>

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

/// Row indices by length, longest first, equal ones in order (counting sort up to capacity; longer ones count as capacity + 1).
struct SortedRows {
    std::vector<std::int32_t> rows;
    std::vector<std::size_t> starts;  ///< of each length, and one behind the last
};

SortedRows longestFirst(std::span<const std::int32_t> lengths, std::size_t capacity)
{
    SortedRows sorted;
    std::vector<std::size_t>& starts = sorted.starts;
    starts.assign(capacity + 3, 0);
    const auto classOf = [&](std::int32_t length) { return std::min(static_cast<std::size_t>(std::max(0, length)), capacity + 1); };
    for (const auto length : lengths)
        ++starts[classOf(length)];
    std::size_t before = 0;
    for (std::size_t length = capacity + 2; length-- > 0;)
        starts[length] = std::exchange(before, before + starts[length]);
    sorted.rows.resize(lengths.size());
    auto next = starts;
    for (std::size_t i = 0; i < lengths.size(); ++i)
        sorted.rows[next[classOf(lengths[i])]++] = static_cast<std::int32_t>(i);
    return sorted;
}

/// Best-fit decreasing over lengths instead of rows. Rows of one length are alike, and so are bins with the same lengths in
/// them: a group of such bins is one entry, however many they are. A row goes into the smallest room that takes it, and so
/// do the rows of its length that follow, until the bin takes no more of them.
class Packer
{
public:
    explicit Packer(std::size_t capacity)
        : m_capacity(capacity)
        , m_open(capacity + 1)
        , m_groups(capacity + 1)
    {
    }

    /// Places count rows of a length; lengths come from the longest on.
    void place(std::size_t length, std::size_t count)
    {
        while (count > 0) {
            const std::size_t room = m_open.atLeast(length);
            if (room == CapacitySet::kNone) {
                const std::size_t each = length == 0 ? count : m_capacity / length;
                fill({-1, count / each + (count % each > 0)}, m_capacity, length, count);
                return;
            }
            const Group group = m_groups[room].back();
            m_groups[room].pop_back();
            if (m_groups[room].empty())
                m_open.erase(room);
            count = fill(group, room, length, count);
        }
    }

    /// The rows themselves, group by group.
    Bins bins(const SortedRows& sorted, std::size_t overlong) const
    {
        Bins bins;
        bins.rows.resize(sorted.rows.size());
        for (std::size_t i = 0; i < overlong; ++i) {
            bins.rows[i] = sorted.rows[i];
            bins.starts.push_back(static_cast<std::int64_t>(i) + 1);
        }
        std::vector<Group> groups;
        for (const auto& sameRoom : m_groups)
            groups.insert(groups.end(), sameRoom.begin(), sameRoom.end());
        const auto chains = chainsOf(groups);
        std::size_t count = bins.starts.size();
        for (const auto& [chain, bin] : chains)
            count += bin;
        bins.starts.reserve(count);
        auto next = sorted.starts;
        std::size_t at = overlong;
        for (const auto& [chain, count] : chains) {
            for (std::size_t bin = 0; bin < count; ++bin) {
                for (const auto& [length, times] : chain)
                    for (std::size_t i = 0; i < times; ++i)
                        bins.rows[at++] = sorted.rows[next[length]++];
                bins.starts.push_back(static_cast<std::int64_t>(at));
            }
        }
        return bins;
    }

private:
    /// Bins that hold the same lengths: the end of a chain of additions, and how many bins it stands for.
    struct Group { std::int32_t last = -1; std::size_t count = 0; };
    struct Addition { std::int32_t before = -1; std::size_t length = 0, times = 0; };
    using Chain = std::vector<std::pair<std::size_t, std::size_t>>;  ///< length, times

    /// Puts as many of the rows as fit into a group's bins, one bin after another; returns how many are left.
    std::size_t fill(const Group& group, std::size_t room, std::size_t length, std::size_t count)
    {
        const std::size_t each = length == 0 ? count : room / length;
        const std::size_t full = std::min(group.count, count / each);
        count -= full * each;
        std::size_t left = group.count - full;
        if (left > 0 && count > 0) {
            keep(group.last, length, count, 1, room - length * count);
            count = 0;
            --left;
        }
        if (left > 0)
            put({group.last, left}, room);
        if (full > 0)
            keep(group.last, length, each, full, room - length * each);
        return count;
    }
    void keep(std::int32_t before, std::size_t length, std::size_t times, std::size_t bins, std::size_t room)
    {
        m_additions.push_back({before, length, times});
        put({static_cast<std::int32_t>(m_additions.size()) - 1, bins}, room);
    }
    void put(const Group& group, std::size_t room)
    {
        if (m_groups[room].empty())
            m_open.insert(room);
        m_groups[room].push_back(group);
    }
    /// What each group's bins hold, in the order in which their first rows were placed.
    std::vector<std::pair<Chain, std::size_t>> chainsOf(const std::vector<Group>& groups) const
    {
        std::vector<std::pair<std::pair<std::int32_t, std::int32_t>, std::pair<Chain, std::size_t>>> keyed;
        for (const auto& group : groups) {
            Chain chain;
            std::int32_t first = group.last;
            for (std::int32_t at = group.last; at >= 0; at = m_additions[static_cast<std::size_t>(at)].before) {
                chain.emplace_back(m_additions[static_cast<std::size_t>(at)].length, m_additions[static_cast<std::size_t>(at)].times);
                first = at;
            }
            std::reverse(chain.begin(), chain.end());
            keyed.push_back({{first, group.last}, {std::move(chain), group.count}});
        }
        std::sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        std::vector<std::pair<Chain, std::size_t>> chains;
        for (auto& entry : keyed)
            chains.push_back(std::move(entry.second));
        return chains;
    }

    const std::size_t m_capacity;
    CapacitySet m_open;                        ///< rooms that some group has
    std::vector<std::vector<Group>> m_groups;  ///< by room
    std::vector<Addition> m_additions;
};

}

Bins packBestFit(std::span<const std::int32_t> lengths, std::int64_t capacityTokens)
{
    // More room than all rows together need is no use, and would cost memory below.
    std::int64_t total = 0;
    for (const auto length : lengths)
        total += std::max(0, length);
    const auto capacity = static_cast<std::size_t>(std::max<std::int64_t>(1, std::min(capacityTokens, std::max<std::int64_t>(total, 1))));
    const auto sorted = longestFirst(lengths, capacity);
    Packer packer(capacity);
    for (std::size_t length = capacity + 1; length-- > 0;) {
        const std::size_t end = length == 0 ? lengths.size() : sorted.starts[length - 1];
        packer.place(length, end - sorted.starts[length]);
    }
    return packer.bins(sorted, sorted.starts[capacity]);
}

Bins packNextFit(std::span<const std::int32_t> lengths, std::int64_t capacity)
{
    Bins bins;
    std::int64_t room = capacity;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        if (lengths[i] > room && bins.rows.size() > static_cast<std::size_t>(bins.starts.back())) {
            bins.closeBin();
            room = capacity;
        }
        bins.add(static_cast<std::int32_t>(i));
        room -= lengths[i];
    }
    if (!lengths.empty())
        bins.closeBin();
    return bins;
}

}
