// SPDX-License-Identifier: GPL-3.0-or-later
#include "cuda/device_code.cuh"
#include "cuda/kernel_table.h"

namespace attune::cuda {
namespace {

/// One block a row; the row stays in the first-level cache between the two passes.
template<typename S, int N>
__global__ void rmsNormKernel(Matrix x, const float* weight, float epsilon, Matrix out)
{
    __shared__ float shared[32];
    const S* from = rowOf<S>(x.data, x.stride, blockIdx.x);
    S* to = rowOf<S>(out.data, out.stride, blockIdx.x);
    const std::int64_t C = x.columns;
    float sum = 0;
    struct alignas(sizeof(S) * N) Values { S v[N]; };
    for (std::int64_t c = threadIdx.x * N; c < C; c += blockDim.x * N) {
        const auto values = *reinterpret_cast<const Values*>(from + c);
        for (int i = 0; i < N; ++i)
            sum += toFloat(values.v[i]) * toFloat(values.v[i]);
    }
    const float r = rsqrtf(blockSum(sum, shared) / static_cast<float>(C) + epsilon);
    for (std::int64_t c = threadIdx.x * N; c < C; c += blockDim.x * N) {
        auto values = *reinterpret_cast<const Values*>(from + c);
        for (int i = 0; i < N; ++i)
            values.v[i] = fromFloat<S>(toFloat(values.v[i]) * r * weight[c + i]);
        *reinterpret_cast<Values*>(to + c) = values;
    }
}

/// dx = (g·w − n · mean(g·w·n)) · r with n = x·r, added to gradX.
template<typename S, int N>
__global__ void rmsNormBackwardKernel(Matrix gradOut, Matrix x, const float* weight, float epsilon, Matrix gradX)
{
    __shared__ float shared[32];
    const S* from = rowOf<S>(x.data, x.stride, blockIdx.x);
    const S* grad = rowOf<S>(gradOut.data, gradOut.stride, blockIdx.x);
    S* to = rowOf<S>(gradX.data, gradX.stride, blockIdx.x);
    const std::int64_t C = x.columns;
    struct alignas(sizeof(S) * N) Values { S v[N]; };
    float squares = 0, dots = 0;
    for (std::int64_t c = threadIdx.x * N; c < C; c += blockDim.x * N) {
        const auto values = *reinterpret_cast<const Values*>(from + c);
        const auto grads = *reinterpret_cast<const Values*>(grad + c);
        for (int i = 0; i < N; ++i) {
            const float v = toFloat(values.v[i]);
            squares += v * v;
            dots += toFloat(grads.v[i]) * weight[c + i] * v;
        }
    }
    const float r = rsqrtf(blockSum(squares, shared) / static_cast<float>(C) + epsilon);
    const float mean = blockSum(dots, shared) * r / static_cast<float>(C);
    for (std::int64_t c = threadIdx.x * N; c < C; c += blockDim.x * N) {
        const auto values = *reinterpret_cast<const Values*>(from + c);
        const auto grads = *reinterpret_cast<const Values*>(grad + c);
        auto sums = *reinterpret_cast<const Values*>(to + c);
        for (int i = 0; i < N; ++i)
            sums.v[i] = fromFloat<S>(toFloat(sums.v[i]) + (toFloat(grads.v[i]) * weight[c + i] - toFloat(values.v[i]) * r * mean) * r);
        *reinterpret_cast<Values*>(to + c) = sums;
    }
}

/// gradWeight[c] += Σ_t g·x·r, rows in order: one block for 32 columns, so that every run adds alike.
template<typename S>
__global__ void weightGradientKernel(Matrix gradOut, Matrix x, const float* inverse, float* gradWeight)
{
    __shared__ float sums[8][33];
    const std::int64_t c = blockIdx.x * 32 + threadIdx.x;
    float sum = 0;
    if (c < x.columns) {
        for (std::int64_t t = threadIdx.y; t < x.rows; t += 8)
            sum += toFloat(rowOf<S>(gradOut.data, gradOut.stride, t)[c]) * toFloat(rowOf<S>(x.data, x.stride, t)[c]) * inverse[t];
    }
    sums[threadIdx.y][threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.y == 0 && c < x.columns) {
        for (int i = 1; i < 8; ++i)
            sum += sums[i][threadIdx.x];
        gradWeight[c] += sum;
    }
}

template<typename S>
__global__ void inverseNormKernel(Matrix x, float epsilon, float* inverse)
{
    __shared__ float shared[32];
    const S* from = rowOf<S>(x.data, x.stride, blockIdx.x);
    float sum = 0;
    for (std::int64_t c = threadIdx.x; c < x.columns; c += blockDim.x)
        sum += toFloat(from[c]) * toFloat(from[c]);
    const float total = blockSum(sum, shared);
    if (threadIdx.x == 0)
        inverse[blockIdx.x] = rsqrtf(total / static_cast<float>(x.columns) + epsilon);
}

}

void rmsNorm(const Matrix& x, const float* weight, float epsilon, const Matrix& out)
{
    if (x.rows == 0)
        return;
    withElement(x.element, [&](auto sample) {
        using S = decltype(sample);
        constexpr int n = Pack<S>::kSize;
        const auto rows = static_cast<unsigned>(x.rows);
        if (isPacked(x, x.columns) && isPacked(out, x.columns))
            rmsNormKernel<S, n><<<rows, threadsFor(x.columns, n), 0, currentStream()>>>(x, weight, epsilon, out);
        else
            rmsNormKernel<S, 1><<<rows, threadsFor(x.columns, 4), 0, currentStream()>>>(x, weight, epsilon, out);
    });
}

void rmsNormBackward(const Matrix& gradOut, const Matrix& x, const float* weight, float epsilon, const Matrix& gradX, float* gradWeight, float* scratch)
{
    if (x.rows == 0)
        return;
    withElement(x.element, [&](auto sample) {
        using S = decltype(sample);
        constexpr int n = Pack<S>::kSize;
        const auto rows = static_cast<unsigned>(x.rows);
        if (isPacked(x, x.columns) && isPacked(gradOut, x.columns) && isPacked(gradX, x.columns))
            rmsNormBackwardKernel<S, n><<<rows, threadsFor(x.columns, n), 0, currentStream()>>>(gradOut, x, weight, epsilon, gradX);
        else
            rmsNormBackwardKernel<S, 1><<<rows, threadsFor(x.columns, 4), 0, currentStream()>>>(gradOut, x, weight, epsilon, gradX);
        if (!gradWeight)
            return;
        inverseNormKernel<S><<<rows, threadsFor(x.columns, 4), 0, currentStream()>>>(x, epsilon, scratch);
        weightGradientKernel<S><<<static_cast<unsigned>((x.columns + 31) / 32), dim3(32, 8), 0, currentStream()>>>(gradOut, x, scratch, gradWeight);
    });
}

const char* launchError()
{
    const auto error = cudaGetLastError();
    return error == cudaSuccess ? nullptr : cudaGetErrorString(error);
}

}
