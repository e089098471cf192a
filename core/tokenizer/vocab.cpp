// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/vocab.h"

#include "base/hash.h"

#include <bit>

namespace attune::tokenizer {

void Vocab::reserve(std::size_t entries, std::size_t bytes)
{
    m_bytes.reserve(bytes);
    grow(std::bit_ceil(std::max<std::size_t>(16, entries * 2)));
}

void Vocab::grow(std::size_t slots)
{
    if (slots <= m_slots.size())
        return;
    const auto old = std::move(m_slots);
    m_slots.assign(slots, Slot {});
    for (const auto& slot : old) {
        if (slot.id < 0)
            continue;
        const auto hash = hash64({m_bytes.data() + slot.offset, slot.length});
        std::size_t i = hash & (slots - 1);
        while (m_slots[i].id >= 0)
            i = (i + 1) & (slots - 1);
        m_slots[i] = slot;
    }
}

void Vocab::add(std::string_view text, std::int32_t id, bool replace)
{
    if (m_slots.size() < (m_size + 1) * 2)
        grow(std::max<std::size_t>(16, m_slots.size() * 2));
    const auto hash = hash64(text);
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    std::size_t i = hash & (m_slots.size() - 1);
    for (; m_slots[i].id >= 0; i = (i + 1) & (m_slots.size() - 1)) {
        if (m_slots[i].tag != tag || text != std::string_view(m_bytes.data() + m_slots[i].offset, m_slots[i].length))
            continue;
        if (replace)
            m_slots[i].id = id;
        return;
    }
    m_slots[i] = {static_cast<std::uint32_t>(m_bytes.size()), static_cast<std::uint32_t>(text.size()), tag, id};
    m_bytes += text;
    m_longest = std::max(m_longest, text.size());
    ++m_size;
}

std::int32_t Vocab::find(std::string_view text) const
{
    if (m_slots.empty() || text.size() > m_longest)
        return -1;
    const auto hash = hash64(text);
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    for (std::size_t i = hash & (m_slots.size() - 1);; i = (i + 1) & (m_slots.size() - 1)) {
        const Slot& slot = m_slots[i];
        if (slot.id < 0)
            return -1;
        if (slot.tag == tag && text == std::string_view(m_bytes.data() + slot.offset, slot.length))
            return slot.id;
    }
}

void MergeTable::reserve(std::size_t entries)
{
    const std::size_t slots = std::bit_ceil(std::max<std::size_t>(16, entries * 2));
    if (slots <= m_slots.size())
        return;
    const auto old = std::move(m_slots);
    m_slots.assign(slots, Slot {});
    m_mask = slots - 1;
    m_shift = 64 - std::countr_zero(slots);
    m_size = 0;
    for (const auto& slot : old)
        if (slot.key != kEmpty)
            add(static_cast<std::int32_t>(slot.key >> 32), static_cast<std::int32_t>(slot.key), slot.merge, true);
}

void MergeTable::add(std::int32_t left, std::int32_t right, Merge merge, bool replace)
{
    if (m_slots.size() < (m_size + 1) * 2)
        reserve(std::max<std::size_t>(8, m_size + 1) * 2);
    const std::uint64_t key = keyOf(left, right);
    std::size_t i = indexOf(key);
    while (m_slots[i].key != kEmpty && m_slots[i].key != key)
        i = (i + 1) & m_mask;
    if (m_slots[i].key == key && !replace)
        return;
    m_size += m_slots[i].key == kEmpty;
    m_slots[i] = {key, merge};
}

}
