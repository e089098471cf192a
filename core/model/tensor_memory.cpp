// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/tensor_memory.h"

#include <c10/core/Allocator.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <atomic>

#include <malloc.h>

namespace attune::model {
namespace {

std::atomic<bool> isShrinking {false};
std::atomic<std::int64_t> limitBytes {0}, liveBytes {0}, peakBytes {0};

/// The block's own size, so that no header is needed: LibTorch wants the data at the pointer that it frees.
std::int64_t sizeOf(void* block)
{
    return static_cast<std::int64_t>(::malloc_usable_size(block));
}

void freeCounted(void* block)
{
    if (!block)
        return;
    liveBytes -= sizeOf(block);
    c10::free_cpu(block);
}

/// LibTorch's own host allocation, counted and refused above the limit.
class CountingAllocator final : public c10::Allocator
{
public:
    c10::DataPtr allocate(std::size_t bytes) override
    {
        const std::int64_t limit = limitBytes;
        TORCH_CHECK(limit <= 0 || liveBytes + static_cast<std::int64_t>(bytes) <= limit, "not enough memory: ", bytes, " bytes more than the limit of ", limit, " allows");
        void* block = c10::alloc_cpu(bytes);
        if (block) {
            const std::int64_t now = liveBytes += sizeOf(block);
            for (std::int64_t peak = peakBytes; now > peak && !peakBytes.compare_exchange_weak(peak, now);) { }
        }
        return {block, block, &freeCounted, c10::Device(c10::DeviceType::CPU)};
    }
    c10::DeleterFnPtr raw_deleter() const override { return &freeCounted; }
    void copy_data(void* to, const void* from, std::size_t bytes) const override { default_copy_data(to, from, bytes); }
};

}

void limitTensorMemory(std::int64_t bytes)
{
    static CountingAllocator allocator;
    static std::atomic<bool> isInstalled {false};
    if (bytes > 0 && !isInstalled.exchange(true))
        c10::SetAllocator(c10::DeviceType::CPU, &allocator, 1);
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
    if (device.is_cpu())
        ::malloc_trim(0);
    else
        c10::getDeviceAllocator(device.type())->emptyCache();
}

}
