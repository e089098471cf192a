// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cuda/collectives.h"
#include "cuda/cuda_kernels.h"
#include "cuda/graphs.h"

#include <cstdint>

namespace attune::cuda {

/// What the driver says of one card.
struct DeviceFacts {
    char name[128] = {};
    int capabilityMajor = 0, capabilityMinor = 0;  ///< 7, 5 = sm_75, the oldest that CUDA 13 serves
    std::int64_t totalBytes = 0;
    std::int64_t freeBytes = 0;                     ///< as the driver sees it: other programs' memory is not free
    int driverVersion = 0;                          ///< 13000 = CUDA 13.0
    std::uint64_t identity = 0;                     ///< of its UUID: the same card from every process, another one for another card
};

/// Memory of this process on a card, in bytes.
struct MemoryFacts {
    std::int64_t allocated = 0;      ///< live tensors
    std::int64_t reserved = 0;       ///< held by the caching allocator
    std::int64_t peakReserved = 0;
};

constexpr int kCudaApiVersion = 6;

/// The function table of libattune_cuda.so: device calls that need CUDA's headers. The engine opens the
/// library when an NVIDIA driver and the CUDA wheels are there; without it the ATen path serves.
/// Functions return false and change nothing when CUDA reports an error. Any thread.
struct CudaApi {
    int version = kCudaApiVersion;
    int (*deviceCount)() = nullptr;
    bool (*deviceFacts)(int device, DeviceFacts& facts) = nullptr;
    bool (*memoryFacts)(int device, MemoryFacts& facts) = nullptr;
    bool (*resetPeak)(int device) = nullptr;
    /// Gives cached blocks back to the driver: a paused run frees the card.
    bool (*releaseCache)() = nullptr;
    /// Caps the allocator at a share of the card (0, 1]: tests of running out of memory.
    bool (*setMemoryShare)(int device, double share) = nullptr;
    bool (*synchronize)(int device) = nullptr;
    const CudaKernels* kernels = nullptr;  ///< null where this build had no nvcc
    const CudaGraphs* graphs = nullptr;
    const CudaCollectives* collectives = nullptr;
};

}

/// The one C symbol of libattune_cuda.so.
extern "C" const attune::cuda::CudaApi* attuneCudaApi();
