// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/block_cache.h"

#include <algorithm>
#include <bit>

#include <sys/mman.h>

namespace attune::model {
namespace {

constexpr std::size_t kLargePage = 2 << 20;
constexpr std::size_t kKept = 64 << 20;

/// At an address that large pages can begin at, where the block has room for one.
void* mapped(std::size_t bytes)
{
    const std::size_t spare = bytes >= kLargePage ? kLargePage : 0;
    void* all = ::mmap(nullptr, bytes + spare, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
        return nullptr;
    if (spare == 0)
        return all;
    auto* begin = static_cast<char*>(all);
    auto* data = reinterpret_cast<char*>((reinterpret_cast<std::uintptr_t>(begin) + kLargePage - 1) / kLargePage * kLargePage);
    if (data > begin)
        ::munmap(begin, static_cast<std::size_t>(data - begin));
    if (const auto behind = static_cast<std::size_t>(begin + spare - data); behind > 0)
        ::munmap(data + bytes, behind);
    ::madvise(data, bytes, MADV_HUGEPAGE);  // a wish
    return data;
}

}

std::size_t BlockCache::roundedUp(std::size_t bytes)
{
    const std::size_t step = std::max<std::size_t>(4096, std::bit_floor(std::max<std::size_t>(bytes, 1)) / 8);
    return (bytes + step - 1) / step * step;
}

void* BlockCache::take(std::size_t bytes)
{
    const std::lock_guard lock(m_mutex);
    const std::size_t size = roundedUp(bytes);
    void* block = reuse(size);
    if (!block) {
        // What lies free must not make the process much larger than what has to be there at once.
        const std::size_t most = std::max(m_peakBytes, m_liveBytes + size);
        while (!m_byAge.empty() && m_liveBytes + m_freeBytes + size > most + most / 32 + 4 * kLargePage)
            evictOldest();
        block = mapped(size);
        while (!block && !m_byAge.empty()) {
            evictOldest();
            block = mapped(size);
        }
        if (!block)
            return nullptr;
        m_live[block] = size;
        m_liveBytes += size;
    }
    m_peakBytes = std::max(m_peakBytes, m_liveBytes);
    return block;
}

/// The free block that fits best, of those that waste an eighth at most; the one last used, which the caches still know.
void* BlockCache::reuse(std::size_t size)
{
    auto found = m_bySize.lower_bound(size);
    if (found == m_bySize.end() || found->first > size + size / 8)
        return nullptr;
    const auto age = found->second.back();
    found->second.pop_back();
    if (found->second.empty())
        m_bySize.erase(found);
    const auto free = m_byAge.extract(age).mapped();
    m_freeBytes -= free.bytes;
    m_liveBytes += free.bytes;
    m_live[free.data] = free.bytes;
    return free.data;
}

void BlockCache::evictOldest()
{
    const auto oldest = m_byAge.begin();
    const auto free = oldest->second;
    auto& ages = m_bySize[free.bytes];
    ages.erase(ages.begin());
    if (ages.empty())
        m_bySize.erase(free.bytes);
    m_byAge.erase(oldest);
    m_freeBytes -= free.bytes;
    ::munmap(free.data, free.bytes);
}

std::size_t BlockCache::sizeOf(void* block) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_live.find(block);
    return found == m_live.end() ? 0 : found->second;
}

bool BlockCache::give(void* block)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_live.find(block);
    if (found == m_live.end())
        return false;
    const std::size_t size = found->second;
    m_live.erase(found);
    m_liveBytes -= size;
    m_freeBytes += size;
    m_byAge.emplace(++m_age, FreeBlock {block, size});
    m_bySize[size].push_back(m_age);
    // A model that was closed, a tape that was gone through: what lies free is never more than what is in use.
    while (m_freeBytes > std::max(kKept, m_liveBytes))
        evictOldest();
    return true;
}

void BlockCache::release()
{
    const std::lock_guard lock(m_mutex);
    while (!m_byAge.empty())
        evictOldest();
    m_peakBytes = m_liveBytes;
}

std::size_t BlockCache::liveBytes() const
{
    const std::lock_guard lock(m_mutex);
    return m_liveBytes;
}

std::size_t BlockCache::freeBytes() const
{
    const std::lock_guard lock(m_mutex);
    return m_freeBytes;
}

}
