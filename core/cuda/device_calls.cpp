// SPDX-License-Identifier: GPL-3.0-or-later
#include "cuda/cuda_api.h"
#ifdef ATTUNE_CUDA_KERNELS
#include "cuda/kernel_table.h"
#endif

#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAStream.h>

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string_view>

namespace attune::cuda {
namespace {

/// Runs a call that may throw c10::Error; false when it does.
template<typename Call>
bool guarded(Call call)
{
    try {
        return call();
    } catch (const std::exception&) {
        return false;
    }
}

int deviceCount()
{
    int count = 0;
    return cudaGetDeviceCount(&count) == cudaSuccess ? count : 0;
}

bool deviceFacts(int device, DeviceFacts& facts)
{
    cudaDeviceProp properties {};
    if (cudaGetDeviceProperties(&properties, device) != cudaSuccess)
        return false;
    std::snprintf(facts.name, sizeof facts.name, "%.*s", static_cast<int>(sizeof facts.name) - 1, properties.name);
    facts.capabilityMajor = properties.major;
    facts.capabilityMinor = properties.minor;
    facts.identity = std::hash<std::string_view>()({properties.uuid.bytes, sizeof properties.uuid.bytes});
    cudaDriverGetVersion(&facts.driverVersion);
    return guarded([&] {
        const auto [free, total] = c10::cuda::CUDACachingAllocator::get()->getMemoryInfo(static_cast<c10::DeviceIndex>(device));
        facts.freeBytes = static_cast<std::int64_t>(free);
        facts.totalBytes = static_cast<std::int64_t>(total);
        return true;
    });
}

bool memoryFacts(int device, MemoryFacts& facts)
{
    return guarded([&] {
        const auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(static_cast<c10::DeviceIndex>(device));
        constexpr auto kAll = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
        facts.allocated = stats.allocated_bytes[kAll].current;
        facts.reserved = stats.reserved_bytes[kAll].current;
        facts.peakReserved = stats.reserved_bytes[kAll].peak;
        return true;
    });
}

bool resetPeak(int device)
{
    return guarded([&] {
        c10::cuda::CUDACachingAllocator::resetPeakStats(static_cast<c10::DeviceIndex>(device));
        return true;
    });
}

bool releaseCache()
{
    return guarded([] {
        c10::cuda::CUDACachingAllocator::emptyCache();
        return true;
    });
}

bool setMemoryShare(int device, double share)
{
    return guarded([&] {
        c10::cuda::CUDACachingAllocator::setMemoryFraction(std::clamp(share, 0.0, 1.0), static_cast<c10::DeviceIndex>(device));
        return true;
    });
}

bool synchronize(int device)
{
    return cudaSetDevice(device) == cudaSuccess && cudaDeviceSynchronize() == cudaSuccess;
}

#ifdef ATTUNE_CUDA_KERNELS
const CudaKernels* kernels()
{
    static const CudaKernels table {rmsNorm, rmsNormBackward, rotary, swiglu, swigluBackward, crossEntropy, dropout, dequantiseNf4, quantiseNf4, dequantiseInt8, adamw8, launchError};
    return &table;
}
#else
const CudaKernels* kernels()
{
    return nullptr;
}
#endif

}

#ifdef ATTUNE_CUDA_KERNELS
cudaStream_t currentStream();
cudaStream_t currentStream()
{
    return c10::cuda::getCurrentCUDAStream().stream();
}
#endif

}

const attune::cuda::CudaApi* attuneCudaApi()
{
    using namespace attune::cuda;
    static const CudaApi api {kCudaApiVersion, deviceCount, deviceFacts, memoryFacts, resetPeak, releaseCache, setMemoryShare, synchronize, kernels(), cudaGraphs(),
        cudaCollectives()};
    return &api;
}
