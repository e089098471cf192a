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

constexpr int kNf4Block = 64, kNf4ScaleBlock = 256;

/// The scale of a block from its 8-bit code; rounded after each operation, as on the CPU.
__device__ __forceinline__ float nf4Scale(const Nf4Blocks& blocks, std::int64_t block)
{
    return __fadd_rn(__fmul_rn(blocks.scaleLevels[blocks.scaleCodes[block]], blocks.scaleScales[block / kNf4ScaleBlock]), blocks.scaleOffset);
}

/// Eight values of a row a thread: four bytes of codes in, 16 (or 32) bytes out. columns: a multiple of eight, so that the
/// eight lie in one block.
template<typename S>
__global__ void nf4Kernel(Nf4Blocks blocks, Matrix out)
{
    __shared__ float levels[16];
    if (threadIdx.x < 16)
        levels[threadIdx.x] = kNf4Levels[threadIdx.x];
    __syncthreads();
    const std::int64_t column = (std::int64_t(blockIdx.y) * kThreads + threadIdx.x) * 8;
    if (column >= out.columns)
        return;
    const std::int64_t begin = blockIdx.x * out.columns + column;
    const float scale = nf4Scale(blocks, begin / kNf4Block);
    const auto codes = *reinterpret_cast<const std::uint32_t*>(blocks.codes + begin / 2);
    S values[8];
    for (int i = 0; i < 4; ++i) {
        const unsigned code = codes >> (8 * i);
        values[2 * i] = fromFloat<S>(levels[(code >> 4) & 15] * scale);
        values[2 * i + 1] = fromFloat<S>(levels[code & 15] * scale);
    }
    S* to = rowOf<S>(out.data, out.stride, blockIdx.x) + column;
    if (reinterpret_cast<std::uintptr_t>(to) % 16 == 0) {
        for (int i = 0; i < 8; i += Pack<S>::kSize)
            *reinterpret_cast<Pack<S>*>(to + i) = *reinterpret_cast<const Pack<S>*>(values + i);
    } else {
        for (int i = 0; i < 8; ++i)
            to[i] = values[i];
    }
}

/// One value a thread, for rows of any length.
template<typename S>
__global__ void nf4ValueKernel(Nf4Blocks blocks, Matrix out)
{
    const std::int64_t item = std::int64_t(blockIdx.x) * kThreads + threadIdx.x;
    if (item >= out.rows * out.columns)
        return;
    const std::uint8_t pair = blocks.codes[item / 2];
    rowOf<S>(out.data, out.stride, item / out.columns)[item % out.columns]
        = fromFloat<S>(kNf4Levels[item % 2 == 0 ? pair >> 4 : pair & 15] * nf4Scale(blocks, item / kNf4Block));
}

/// A warp a block of 64 values: each lane has two of them, which share a byte.
__global__ void quantiseNf4Kernel(const float* values, std::int64_t blocks, std::uint8_t* codes, float* scales)
{
    const std::int64_t block = (std::int64_t(blockIdx.x) * kThreads + threadIdx.x) / 32;
    const int lane = threadIdx.x & 31;
    if (block >= blocks)
        return;
    const float2 pair = reinterpret_cast<const float2*>(values)[block * 32 + lane];
    float largest = fmaxf(fabsf(pair.x), fabsf(pair.y));
    for (int offset = 16; offset > 0; offset /= 2)
        largest = fmaxf(largest, __shfl_xor_sync(0xffffffffu, largest, offset));
    const float inverse = 1.0f / fmaxf(largest, 1e-38f);
    const auto level = [&](float value) {
        const float x = fminf(fmaxf(value * inverse, -1.0f), 1.0f);
        int index = 0;  // of the first level whose upper bound is not below x
        for (int i = 0; i < 15; ++i)
            index += (kNf4Levels[i] + kNf4Levels[i + 1]) / 2 < x ? 1 : 0;
        return index;
    };
    codes[block * 32 + lane] = static_cast<std::uint8_t>(level(pair.x) << 4 | level(pair.y));
    if (lane == 0)
        scales[block] = largest;
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

void dequantiseNf4(const Nf4Blocks& blocks, const Matrix& out)
{
    const auto items = out.rows * out.columns;
    if (items == 0)
        return;
    withElement(out.element, [&](auto sample) {
        using S = decltype(sample);
        if (out.columns % 8 == 0) {
            const dim3 grid(static_cast<unsigned>(out.rows), static_cast<unsigned>((out.columns + 8 * kThreads - 1) / (8 * kThreads)));
            nf4Kernel<S><<<grid, kThreads, 0, currentStream()>>>(blocks, out);
        } else {
            nf4ValueKernel<S><<<static_cast<unsigned>((items + kThreads - 1) / kThreads), kThreads, 0, currentStream()>>>(blocks, out);
        }
    });
}

void quantiseNf4(const float* values, std::int64_t count, std::uint8_t* codes, float* scales)
{
    const auto blocks = count / kNf4Block;
    if (blocks > 0)
        quantiseNf4Kernel<<<static_cast<unsigned>((blocks * 32 + kThreads - 1) / kThreads), kThreads, 0, currentStream()>>>(values, blocks, codes, scales);
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
