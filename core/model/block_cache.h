// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace attune::model {

/// Large blocks of host memory for tensors, kept for the next tensor of that size when they are given back. The C library
/// cuts the holes that such tensors leave into pieces that fit nothing else: a pass over weights that are put together
/// layer by layer takes twice the memory that lives in it. Mapping each block anew costs more time than it is used for.
/// Sizes are rounded up to eight steps a doubling; blocks from 2 MiB on ask for large pages. All functions: any thread.
class BlockCache
{
public:
    /// Smaller ones are the C library's.
    static constexpr std::size_t kLeastBytes = 256 << 10;

    /// At least so many bytes, 64 of alignment or more; nullptr where the system has no more memory.
    void* take(std::size_t bytes);
    /// What a block of this cache holds, 0 for any other pointer.
    std::size_t sizeOf(void* block) const;
    /// Takes a block back; false for any other pointer.
    bool give(void* block);
    /// Gives all free blocks to the system; what was taken at most is forgotten.
    void release();

    std::size_t liveBytes() const;
    std::size_t freeBytes() const;
    /// What a request is rounded up to.
    static std::size_t roundedUp(std::size_t bytes);

private:
    struct FreeBlock { void* data; std::size_t bytes; };
    void* reuse(std::size_t bytes);
    void evictOldest();

    mutable std::mutex m_mutex;
    std::unordered_map<void*, std::size_t> m_live;
    std::map<std::uint64_t, FreeBlock> m_byAge;                     ///< oldest first
    std::map<std::size_t, std::vector<std::uint64_t>> m_bySize;     ///< ages of the free blocks of a size, oldest first
    std::uint64_t m_age = 0;
    std::size_t m_liveBytes = 0, m_freeBytes = 0, m_peakBytes = 0;
};

}
