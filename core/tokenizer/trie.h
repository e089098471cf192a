// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace attune::tokenizer {

/// Prefix tree over byte strings in flat arrays. Built once from all entries; any thread reads.
class Trie
{
public:
    struct Node {
        std::uint32_t firstChild = 0;
        std::int32_t value = -1;
        std::uint16_t children = 0;
        std::uint8_t label = 0;
    };

    /// Later entries of the same text win. Empty texts are left out.
    void build(std::vector<std::pair<std::string_view, std::int32_t>> entries);
    bool isEmpty() const { return m_nodes.empty(); }

    static constexpr std::uint32_t kRoot = 0;
    static constexpr std::uint32_t kNone = ~std::uint32_t(0);
    /// The child of node by a byte, or kNone. Children are sorted by label.
    std::uint32_t child(std::uint32_t node, char byte) const
    {
        const auto label = static_cast<std::uint8_t>(byte);
        std::uint32_t low = m_nodes[node].firstChild;
        std::uint32_t high = low + m_nodes[node].children;
        if (high - low == 256)
            return low + label;
        while (high - low > 8) {
            const auto middle = (low + high) / 2;
            (m_nodes[middle].label <= label ? low : high) = middle;
        }
        for (; low < high; ++low)
            if (m_nodes[low].label == label)
                return low;
        return kNone;
    }
    std::int32_t value(std::uint32_t node) const { return m_nodes[node].value; }

    struct Match {
        std::size_t length = 0;
        std::int32_t value = -1;
    };
    /// The longest entry that is a prefix of text; value -1 if none is.
    Match longestPrefix(std::string_view text) const;

private:
    std::vector<Node> m_nodes;
};

}
