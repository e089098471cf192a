// SPDX-License-Identifier: GPL-3.0-or-later
#include "cuda/device_code.cuh"
#include "cuda/kernel_table.h"

#include <algorithm>

namespace attune::cuda {
namespace {

constexpr int kBlock = 256;  // values that share a scale: one a thread
constexpr unsigned kMostBlocks = 4096;

/// Largest value of the 256 threads; every thread gets it. shared: 8 floats.
__device__ float blockMax(float value, float* shared)
{
    for (int offset = 16; offset > 0; offset /= 2)
        value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, offset));
    __syncthreads();
    if ((threadIdx.x & 31) == 0)
        shared[threadIdx.x >> 5] = value;
    __syncthreads();
    value = shared[threadIdx.x & 7];
    for (int offset = 4; offset > 0; offset /= 2)
        value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, offset));
    return value;
}

/// Index of the value nearest to x in an ascending table of 256; on a tie the lower one.
__device__ std::uint8_t nearestCode(const float* map, float x)
{
    int code = 0;
    for (int step = 128; step > 0; step /= 2)
        code += x > 0.5f * (map[code + step - 1] + map[code + step]) ? step : 0;
    return static_cast<std::uint8_t>(code);
}

/// Each CUDA block walks over blocks of the tensor, so that the tables are read into shared memory once.
__global__ void adamw8Kernel(EightBitAdamw step)
{
    __shared__ float means[256], squares[256], scratch[8], stepSize, rootFactor;
    if (*step.foundInf != 0.0f)
        return;
    means[threadIdx.x] = step.maps[threadIdx.x];
    squares[threadIdx.x] = step.maps[256 + threadIdx.x];
    if (threadIdx.x == 0) {  // in double, which cards for the desk do slowly
        const double count = *step.stepCount;
        stepSize = static_cast<float>(step.learningRate / (1.0 - pow(step.beta1, count)));
        rootFactor = static_cast<float>(1.0 / sqrt(1.0 - pow(step.beta2, count)));
    }
    const float beta1 = static_cast<float>(step.beta1), beta2 = static_cast<float>(step.beta2), epsilon = static_cast<float>(step.epsilon);
    const float decay = static_cast<float>(1.0 - step.learningRate * step.weightDecay);
    __syncthreads();
    for (std::int64_t block = blockIdx.x; block * kBlock < step.count; block += gridDim.x) {
        const std::int64_t i = block * kBlock + threadIdx.x;
        const bool isInside = i < step.count;
        float m = 0.0f, v = 0.0f;
        if (isInside) {
            const float g = step.gradient[i];
            m = beta1 * (means[step.mean[i]] * step.meanScale[block]) + (1.0f - beta1) * g;
            v = beta2 * (squares[step.square[i]] * step.squareScale[block]) + (1.0f - beta2) * g * g;
            step.value[i] = decay * step.value[i] - stepSize * m / (sqrtf(v) * rootFactor + epsilon);
        }
        const float meanScale = blockMax(fabsf(m), scratch), squareScale = blockMax(v, scratch);
        if (isInside) {
            step.mean[i] = nearestCode(means, meanScale > 0.0f ? m / meanScale : 0.0f);
            step.square[i] = nearestCode(squares, squareScale > 0.0f ? v / squareScale : 0.0f);
        }
        // All have read the old scales: blockMax waits for every thread.
        if (threadIdx.x == 0) {
            step.meanScale[block] = meanScale;
            step.squareScale[block] = squareScale;
        }
    }
}

}

void adamw8(const EightBitAdamw& step)
{
    if (step.count == 0)
        return;
    const auto blocks = static_cast<unsigned>(std::min<std::int64_t>((step.count + kBlock - 1) / kBlock, kMostBlocks));
    adamw8Kernel<<<blocks, kBlock, 0, currentStream()>>>(step);
}

}
