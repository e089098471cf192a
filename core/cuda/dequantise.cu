// SPDX-License-Identifier: GPL-3.0-or-later
#include "cuda/device_code.cuh"
#include "cuda/kernel_table.h"

namespace attune::cuda {
namespace {

constexpr int kThreads = 256;

/// As model/quantised/nf4.cpp has them.
__constant__ float kNf4Levels[16] = {-1.0f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f,
    -0.18477343022823334f, -0.09105003625154495f, 0.0f, 0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
    0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1.0f};

/// Eight values a thread: four bytes of codes in, 16 (or 32) bytes out.
template<typename S>
__global__ void nf4Kernel(const std::uint8_t* codes, const float* absmax, std::int64_t block, std::int64_t count, S* out)
{
    __shared__ float levels[16];
    if (threadIdx.x < 16)
        levels[threadIdx.x] = kNf4Levels[threadIdx.x];
    __syncthreads();
    const std::int64_t begin = (std::int64_t(blockIdx.x) * kThreads + threadIdx.x) * 8;
    if (begin >= count)
        return;
    const float scale = absmax[begin / block];  // blocks hold a multiple of eight values
    for (std::int64_t i = begin; i < begin + 8 && i < count; i += 2) {
        const std::uint8_t code = codes[i / 2];
        out[i] = fromFloat<S>(levels[code >> 4] * scale);
        if (i + 1 < count)
            out[i + 1] = fromFloat<S>(levels[code & 15] * scale);
    }
}

template<typename S>
__global__ void int8Kernel(const std::int8_t* codes, const float* scales, Matrix out)
{
    const std::int64_t item = std::int64_t(blockIdx.x) * kThreads + threadIdx.x;
    if (item >= out.rows * out.columns)
        return;
    const std::int64_t row = item / out.columns;
    rowOf<S>(out.data, out.stride, row)[item % out.columns] = fromFloat<S>(static_cast<float>(codes[item]) * scales[row]);
}

}

void dequantiseNf4(const std::uint8_t* codes, const float* absmax, std::int64_t block, std::int64_t count, const Matrix& out)
{
    if (count == 0)
        return;
    withElement(out.element, [&](auto sample) {
        using S = decltype(sample);
        const auto blocks = static_cast<unsigned>((count + 8 * kThreads - 1) / (8 * kThreads));
        nf4Kernel<S><<<blocks, kThreads, 0, currentStream()>>>(codes, absmax, block, count, static_cast<S*>(out.data));
    });
}

void dequantiseInt8(const std::int8_t* codes, const float* scales, const Matrix& out)
{
    const auto items = out.rows * out.columns;
    if (items == 0)
        return;
    withElement(out.element, [&](auto sample) {
        int8Kernel<decltype(sample)><<<static_cast<unsigned>((items + kThreads - 1) / kThreads), kThreads, 0, currentStream()>>>(codes, scales, out);
    });
}

}
