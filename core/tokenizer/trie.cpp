// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/trie.h"

#include <algorithm>

namespace attune::tokenizer {

void Trie::build(std::vector<std::pair<std::string_view, std::int32_t>> entries)
{
    m_nodes.clear();
    std::erase_if(entries, [](const auto& e) { return e.first.empty(); });
    if (entries.empty())
        return;
    std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    struct Pending {
        std::uint32_t node;
        std::size_t begin, end, depth;
    };
    m_nodes.push_back({});
    std::vector<Pending> queue {{0, 0, entries.size(), 0}};
    for (std::size_t q = 0; q < queue.size(); ++q) {
        auto [node, begin, end, depth] = queue[q];
        while (begin < end && entries[begin].first.size() == depth)
            m_nodes[node].value = entries[begin++].second;
        m_nodes[node].firstChild = static_cast<std::uint32_t>(m_nodes.size());
        for (std::size_t i = begin; i < end;) {
            const char label = entries[i].first[depth];
            std::size_t j = i;
            while (j < end && entries[j].first[depth] == label)
                ++j;
            Node child;
            child.label = static_cast<std::uint8_t>(label);
            m_nodes.push_back(child);
            ++m_nodes[node].children;
            queue.push_back({static_cast<std::uint32_t>(m_nodes.size() - 1), i, j, depth + 1});
            i = j;
        }
    }
}

Trie::Match Trie::longestPrefix(std::string_view text) const
{
    Match best;
    if (m_nodes.empty())
        return best;
    std::uint32_t node = kRoot;
    for (std::size_t i = 0; i < text.size(); ++i) {
        node = child(node, text[i]);
        if (node == kNone)
            break;
        if (m_nodes[node].value >= 0)
            best = {i + 1, m_nodes[node].value};
    }
    return best;
}

}
