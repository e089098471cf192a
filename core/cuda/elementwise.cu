// SPDX-License-Identifier: GPL-3.0-or-later
#include "cuda/device_code.cuh"
#include "cuda/kernel_table.h"

namespace attune::cuda {
namespace {

constexpr int kThreads = 256;

unsigned blocksFor(std::int64_t items)
{
    return static_cast<unsigned>((items + kThreads - 1) / kThreads);
}

template<typename S>
__global__ void rotaryKernel(Matrix x, std::int64_t heads, std::int64_t headDim, std::int64_t half, const float* table, const std::int32_t* positions, float sign)
{
    const std::int64_t item = std::int64_t(blockIdx.x) * kThreads + threadIdx.x;
    const std::int64_t perRow = heads * half;
    if (item >= x.rows * perRow)
        return;
    const std::int64_t t = item / perRow, rest = item % perRow, head = rest / half, i = rest % half;
    const float* angles = table + std::int64_t(positions[t]) * 2 * half;
    const float cosine = angles[i], sine = sign * angles[half + i];
    S* row = rowOf<S>(x.data, x.stride, t) + head * headDim;
    const float first = toFloat(row[i]), second = toFloat(row[half + i]);
    row[i] = fromFloat<S>(first * cosine - second * sine);
    row[half + i] = fromFloat<S>(second * cosine + first * sine);
}

template<typename S, int N>
__global__ void swigluKernel(Matrix gateUp, Matrix out)
{
    struct alignas(sizeof(S) * N) Values { S v[N]; };
    const std::int64_t F = out.columns, perRow = F / N;
    const std::int64_t item = std::int64_t(blockIdx.x) * kThreads + threadIdx.x;
    if (item >= out.rows * perRow)
        return;
    const std::int64_t t = item / perRow, c = item % perRow * N;
    const S* from = rowOf<S>(gateUp.data, gateUp.stride, t) + c;
    auto gate = *reinterpret_cast<const Values*>(from);
    const auto up = *reinterpret_cast<const Values*>(from + F);
    for (int i = 0; i < N; ++i) {
        const float g = toFloat(gate.v[i]);
        gate.v[i] = fromFloat<S>(g / (1.0f + __expf(-g)) * toFloat(up.v[i]));
    }
    *reinterpret_cast<Values*>(rowOf<S>(out.data, out.stride, t) + c) = gate;
}

template<typename S, int N>
__global__ void swigluBackwardKernel(Matrix gradOut, Matrix gateUp)
{
    struct alignas(sizeof(S) * N) Values { S v[N]; };
    const std::int64_t F = gradOut.columns, perRow = F / N;
    const std::int64_t item = std::int64_t(blockIdx.x) * kThreads + threadIdx.x;
    if (item >= gradOut.rows * perRow)
        return;
    const std::int64_t t = item / perRow, c = item % perRow * N;
    S* row = rowOf<S>(gateUp.data, gateUp.stride, t) + c;
    auto gates = *reinterpret_cast<const Values*>(row);
    auto ups = *reinterpret_cast<const Values*>(row + F);
    const auto grads = *reinterpret_cast<const Values*>(rowOf<S>(gradOut.data, gradOut.stride, t) + c);
    for (int i = 0; i < N; ++i) {
        const float gate = toFloat(gates.v[i]), up = toFloat(ups.v[i]), grad = toFloat(grads.v[i]);
        const float sigmoid = 1.0f / (1.0f + __expf(-gate));
        gates.v[i] = fromFloat<S>(grad * up * sigmoid * (1.0f + gate * (1.0f - sigmoid)));
        ups.v[i] = fromFloat<S>(grad * gate * sigmoid);
    }
    *reinterpret_cast<Values*>(row) = gates;
    *reinterpret_cast<Values*>(row + F) = ups;
}

__device__ __forceinline__ std::uint64_t mixedBits(std::uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

/// Four columns share one number, as on the CPU (model/kernels/cpu_rows.inl): the masks are the same.
template<typename S>
__global__ void dropoutKernel(Matrix x, std::uint64_t threshold, float factor, std::uint64_t stream, Matrix out)
{
    const std::int64_t C = x.columns, perRow = (C + 3) / 4;
    const std::int64_t item = std::int64_t(blockIdx.x) * kThreads + threadIdx.x;
    if (item >= x.rows * perRow)
        return;
    const std::int64_t t = item / perRow, quad = item % perRow;
    const std::uint64_t bits = mixedBits(stream + (std::uint64_t(t) * 0x100000 + std::uint64_t(quad) + 1) * 0x9e3779b97f4a7c15ULL);
    const S* from = rowOf<S>(x.data, x.stride, t);
    S* to = rowOf<S>(out.data, out.stride, t);
    for (int j = 0; j < 4 && quad * 4 + j < C; ++j) {
        const std::int64_t c = quad * 4 + j;
        to[c] = ((bits >> (16 * j)) & 0xffff) >= threshold ? fromFloat<S>(toFloat(from[c]) * factor) : fromFloat<S>(0.0f);
    }
}

}

void rotary(const Matrix& x, std::int64_t heads, std::int64_t half, const float* table, const std::int32_t* positions, float sign)
{
    if (x.rows == 0)
        return;
    withElement(x.element, [&](auto sample) {
        rotaryKernel<decltype(sample)><<<blocksFor(x.rows * heads * half), kThreads, 0, currentStream()>>>(x, heads, x.columns / heads, half, table, positions, sign);
    });
}

void swiglu(const Matrix& gateUp, const Matrix& out)
{
    if (out.rows == 0)
        return;
    withElement(out.element, [&](auto sample) {
        using S = decltype(sample);
        constexpr int n = Pack<S>::kSize;
        if (isPacked(gateUp, out.columns) && isPacked(out, out.columns))
            swigluKernel<S, n><<<blocksFor(out.rows * (out.columns / n)), kThreads, 0, currentStream()>>>(gateUp, out);
        else
            swigluKernel<S, 1><<<blocksFor(out.rows * out.columns), kThreads, 0, currentStream()>>>(gateUp, out);
    });
}

void swigluBackward(const Matrix& gradOut, const Matrix& gateUp)
{
    if (gradOut.rows == 0)
        return;
    withElement(gradOut.element, [&](auto sample) {
        using S = decltype(sample);
        constexpr int n = Pack<S>::kSize;
        if (isPacked(gateUp, gradOut.columns) && isPacked(gradOut, gradOut.columns))
            swigluBackwardKernel<S, n><<<blocksFor(gradOut.rows * (gradOut.columns / n)), kThreads, 0, currentStream()>>>(gradOut, gateUp);
        else
            swigluBackwardKernel<S, 1><<<blocksFor(gradOut.rows * gradOut.columns), kThreads, 0, currentStream()>>>(gradOut, gateUp);
    });
}

void dropout(const Matrix& x, float p, std::uint64_t stream, const Matrix& out)
{
    if (x.rows == 0)
        return;
    const auto threshold = std::uint64_t(double(p) * 65536.0 + 0.5);
    withElement(x.element, [&](auto sample) {
        dropoutKernel<decltype(sample)><<<blocksFor(x.rows * ((x.columns + 3) / 4)), kThreads, 0, currentStream()>>>(x, threshold, 1.0f / (1.0f - p), stream, out);
    });
}

}
