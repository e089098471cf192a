// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cuda/cuda_kernels.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>

namespace attune::cuda {

/// The stream that ATen works on; made known by device_calls.cpp, so that kernels need no LibTorch header.
cudaStream_t currentStream();

template<typename S>
__device__ __forceinline__ float toFloat(S value)
{
    return static_cast<float>(value);
}

template<typename S>
__device__ __forceinline__ S fromFloat(float value)
{
    return static_cast<S>(value);
}
template<>
__device__ __forceinline__ __nv_bfloat16 fromFloat<__nv_bfloat16>(float value)
{
    return __float2bfloat16(value);
}
template<>
__device__ __forceinline__ __half fromFloat<__half>(float value)
{
    return __float2half(value);
}

/// 16 bytes of values, read and written at once.
template<typename S>
struct alignas(16) Pack {
    static constexpr int kSize = 16 / sizeof(S);
    S values[kSize];
};

template<typename S>
__device__ __forceinline__ S* rowOf(void* data, std::int64_t stride, std::int64_t row)
{
    return static_cast<S*>(data) + row * stride;
}

/// Whether all rows can be read in packs: base and stride on 16-byte borders, columns a multiple.
inline bool isPacked(const Matrix& m, std::int64_t columns)
{
    const std::int64_t size = m.element == Element::Float32 ? 4 : 8;
    return reinterpret_cast<std::uintptr_t>(m.data) % 16 == 0 && m.stride % size == 0 && columns % size == 0;
}

/// Sum over a block of up to 1024 threads; every thread gets it. shared: 32 floats.
__device__ __forceinline__ float blockSum(float value, float* shared)
{
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    for (int offset = 16; offset > 0; offset /= 2)
        value += __shfl_xor_sync(0xffffffffu, value, offset);
    __syncthreads();
    if (lane == 0)
        shared[warp] = value;
    __syncthreads();
    value = lane < static_cast<int>((blockDim.x + 31) >> 5) ? shared[lane] : 0.0f;
    for (int offset = 16; offset > 0; offset /= 2)
        value += __shfl_xor_sync(0xffffffffu, value, offset);
    return value;
}

/// Calls function(S()) with the type of the elements.
template<typename Function>
void withElement(Element element, Function function)
{
    switch (element) {
    case Element::Float32: return function(float());
    case Element::Bfloat16: return function(__nv_bfloat16());
    case Element::Float16: return function(__half());
    }
}

/// Threads of a block that walks over a row of `columns` values, `perThread` at a time.
inline int threadsFor(std::int64_t columns, int perThread)
{
    int threads = 64;
    while (threads < 1024 && std::int64_t(threads) * perThread < columns)
        threads *= 2;
    return threads;
}

}
