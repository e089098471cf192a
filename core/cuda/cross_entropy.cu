// SPDX-License-Identifier: GPL-3.0-or-later
#include "cuda/device_code.cuh"
#include "cuda/kernel_table.h"

#include <cmath>

namespace attune::cuda {
namespace {

/// The running maximum and the sum of exp(x − maximum): one pass over a row (Milakov and Gimelshein 2018).
struct Softmax {
    float maximum = -INFINITY, sum = 0;
};

__device__ __forceinline__ Softmax joined(Softmax a, Softmax b)
{
    const float maximum = fmaxf(a.maximum, b.maximum);
    if (maximum == -INFINITY)
        return {maximum, 0.0f};
    return {maximum, a.sum * __expf(a.maximum - maximum) + b.sum * __expf(b.maximum - maximum)};
}

__device__ __forceinline__ Softmax blockJoined(Softmax value, Softmax* shared)
{
    const auto inWarp = [](Softmax v) {
        for (int offset = 16; offset > 0; offset /= 2)
            v = joined(v, {__shfl_xor_sync(0xffffffffu, v.maximum, offset), __shfl_xor_sync(0xffffffffu, v.sum, offset)});
        return v;
    };
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    value = inWarp(value);
    if (lane == 0)
        shared[warp] = value;
    __syncthreads();
    return inWarp(lane < static_cast<int>(blockDim.x >> 5) ? shared[lane] : Softmax());
}

template<typename S, int N>
__global__ void crossEntropyKernel(Matrix logits, const std::int64_t* targets, const float* gradScale, float* losses)
{
    struct alignas(sizeof(S) * N) Values { S v[N]; };
    __shared__ Softmax shared[32];
    S* row = rowOf<S>(logits.data, logits.stride, blockIdx.x);
    const std::int64_t V = logits.columns, target = targets[blockIdx.x];
    Softmax own;
    for (std::int64_t c = threadIdx.x * N; c < V; c += blockDim.x * N) {
        const auto values = *reinterpret_cast<const Values*>(row + c);
        float highest = toFloat(values.v[0]);
        for (int i = 1; i < N; ++i)
            highest = fmaxf(highest, toFloat(values.v[i]));
        if (highest > own.maximum) {
            own.sum *= __expf(own.maximum - highest);
            own.maximum = highest;
        }
        for (int i = 0; i < N; ++i)
            own.sum += __expf(toFloat(values.v[i]) - own.maximum);
    }
    const float wanted = target < 0 ? 0.0f : toFloat(row[target]);  // read before any thread writes: the join below waits for all
    const Softmax all = blockJoined(own, shared);
    if (threadIdx.x == 0)
        losses[blockIdx.x] = target < 0 ? 0.0f : all.maximum + logf(all.sum) - wanted;
    if (!gradScale)
        return;
    const float scale = target < 0 ? 0.0f : *gradScale, factor = scale / all.sum;
    for (std::int64_t c = threadIdx.x * N; c < V; c += blockDim.x * N) {
        auto values = *reinterpret_cast<const Values*>(row + c);
        for (int i = 0; i < N; ++i)
            values.v[i] = fromFloat<S>(__expf(toFloat(values.v[i]) - all.maximum) * factor - (c + i == target ? scale : 0.0f));
        *reinterpret_cast<Values*>(row + c) = values;
    }
}

}

void crossEntropy(const Matrix& logits, const std::int64_t* targets, const float* gradScale, float* losses)
{
    if (logits.rows == 0)
        return;
    withElement(logits.element, [&](auto sample) {
        using S = decltype(sample);
        constexpr int n = Pack<S>::kSize;
        const auto rows = static_cast<unsigned>(logits.rows);
        if (isPacked(logits, logits.columns))
            crossEntropyKernel<S, n><<<rows, threadsFor(logits.columns, n), 0, currentStream()>>>(logits, targets, gradScale, losses);
        else
            crossEntropyKernel<S, 1><<<rows, threadsFor(logits.columns, 4), 0, currentStream()>>>(logits, targets, gradScale, losses);
    });
}

}
