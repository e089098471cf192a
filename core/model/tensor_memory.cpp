// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/tensor_memory.h"

#include "model/block_cache.h"

#include <c10/core/Allocator.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include <malloc.h>

namespace attune::model {
namespace {

std::atomic<bool> isShrinking {false};
std::atomic<std::int64_t> limitBytes {0}, liveBytes {0}, peakBytes {0};

BlockCache& largeBlocks()
{
    static auto* cache = new BlockCache;  // tensors of static objects are freed after it would be gone
    return *cache;
}

/// A block is told from its address alone, so that no header is needed: LibTorch wants the data at the pointer that it frees.
/// Large blocks begin at pages, other ones hardly ever.
bool isAtPage(void* block)
{
    return reinterpret_cast<std::uintptr_t>(block) % 4096 == 0;
}

std::int64_t sizeOf(void* block)
{
    const std::size_t large = isAtPage(block) ? largeBlocks().sizeOf(block) : 0;
    return static_cast<std::int64_t>(large > 0 ? large : ::malloc_usable_size(block));
}

void freeBlock(void* block)
{
    if (!block)
        return;
    liveBytes -= sizeOf(block);
    if (!isAtPage(block) || !largeBlocks().give(block))
        c10::free_cpu(block);
}

void* newBlock(std::size_t bytes)
{
    if (bytes < BlockCache::kLeastBytes)
        return c10::alloc_cpu(bytes);
    void* block = largeBlocks().take(bytes);
    TORCH_CHECK(block, "not enough memory: the system has no ", bytes, " bytes more");
    return block;
}

/// Large tensors from blocks that are used again, small ones from LibTorch's own allocation; counted, and refused
/// above the limit.
class TensorAllocator final : public c10::Allocator
{
public:
    c10::DataPtr allocate(std::size_t bytes) override
    {
        const std::int64_t limit = limitBytes;
        TORCH_CHECK(limit <= 0 || liveBytes + static_cast<std::int64_t>(bytes) <= limit, "not enough memory: ", bytes, " bytes more than the limit of ", limit, " allows");
        void* block = newBlock(bytes);
        if (block) {
            const std::int64_t now = liveBytes += sizeOf(block);
            for (std::int64_t peak = peakBytes; now > peak && !peakBytes.compare_exchange_weak(peak, now);) { }
        }
        return {block, block, &freeBlock, c10::Device(c10::DeviceType::CPU)};
    }
    c10::DeleterFnPtr raw_deleter() const override { return &freeBlock; }
    void copy_data(void* to, const void* from, std::size_t bytes) const override { default_copy_data(to, from, bytes); }
};

}

void useTensorBlocks()
{
    static std::once_flag once;
    std::call_once(once, [] {
        static auto* allocator = new TensorAllocator;
        c10::SetAllocator(c10::DeviceType::CPU, allocator, 1);
    });
}

void limitTensorMemory(std::int64_t bytes)
{
    useTensorBlocks();
    limitBytes = std::max<std::int64_t>(0, bytes);
    peakBytes = liveBytes.load();
}

TensorMemory tensorMemory()
{
    return {liveBytes, peakBytes};
}

void shrinkBuffers(bool isOn)
{
    isShrinking = isOn;
}

bool areBuffersShrinking()
{
    return isShrinking;
}

void releaseFreeMemory(c10::Device device)
{
    if (device.is_cpu()) {
        largeBlocks().release();
        ::malloc_trim(0);
        return;
    }
    c10::getDeviceAllocator(device.type())->emptyCache();
}

}
