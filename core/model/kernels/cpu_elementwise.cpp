// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/cpu_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/cpu_elementwise.cpp"
#include <hwy/foreach_target.h>  // compiles this file once per instruction set

#include "model/kernels/cpu_vector-inl.h"

#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace attune::model::kernels::cpu {
namespace HWY_NAMESPACE {

template<typename T>
float inverseRms(const T* x, std::size_t C, double epsilon)
{
    const std::size_t L = hn::Lanes(D());
    auto squares = hn::Zero(D());
    for (std::size_t i = 0; i < C; i += L) {
        const auto v = loadUpTo(x + i, C - i);
        squares = hn::MulAdd(v, v, squares);
    }
    return 1.0F / std::sqrt(sum(squares) / static_cast<float>(C) + static_cast<float>(epsilon));
}

void RmsNorm(Matrix x, Matrix weight, double epsilon, Matrix out, std::int64_t channels, std::int64_t begin, std::int64_t end)
{
    const auto C = static_cast<std::size_t>(channels);
    const std::size_t L = hn::Lanes(D());
    withType(x, [&](auto* xs) {
        withType(weight, [&](auto* w) {
            withType(out, [&](auto* outs) {
                for (auto row = begin; row < end; ++row) {
                    const auto* in = xs + row * x.stride;
                    auto* to = outs + row * out.stride;
                    const auto r = hn::Set(D(), inverseRms(in, C, epsilon));
                    for (std::size_t i = 0; i < C; i += L)
                        storeUpTo(hn::Mul(hn::Mul(loadUpTo(in + i, C - i), r), loadUpTo(w + i, C - i)), to + i, C - i);
                }
            });
        });
    });
}

void RmsNormBackward(Matrix gradOut, Matrix x, Matrix weight, double epsilon, Matrix gradX, float* gradWeight,
    std::int64_t channels, std::int64_t begin, std::int64_t end)
{
    const auto C = static_cast<std::size_t>(channels);
    const std::size_t L = hn::Lanes(D());
    const auto rowBackward = [&](const auto* dy, const auto* in, const auto* w, auto* dx) {
        const float r = inverseRms(in, C, epsilon);
        auto dot = hn::Zero(D());
        for (std::size_t i = 0; i < C; i += L)
            dot = hn::MulAdd(hn::Mul(loadUpTo(dy + i, C - i), loadUpTo(w + i, C - i)), loadUpTo(in + i, C - i), dot);
        // dx = r · (dy·w - x · r² · mean(dy·w·x))
        const auto back = hn::Set(D(), sum(dot) * r * r * r / static_cast<float>(C));
        const auto scale = hn::Set(D(), r);
        for (std::size_t i = 0; i < C; i += L) {
            const auto v = loadUpTo(in + i, C - i), g = loadUpTo(dy + i, C - i);
            const auto d = hn::NegMulAdd(v, back, hn::Mul(hn::Mul(g, loadUpTo(w + i, C - i)), scale));
            storeUpTo(hn::Add(loadUpTo(dx + i, C - i), d), dx + i, C - i);
            if (gradWeight)
                storeUpTo(hn::MulAdd(hn::Mul(v, scale), g, loadUpTo(gradWeight + i, C - i)), gradWeight + i, C - i);
        }
    };
    withType(gradOut, [&](auto* dys) {
        withType(x, [&](auto* xs) {
            withType(weight, [&](auto* w) {
                withType(gradX, [&](auto* dxs) {
                    for (auto row = begin; row < end; ++row)
                        rowBackward(dys + row * gradOut.stride, xs + row * x.stride, w, dxs + row * gradX.stride);
                });
            });
        });
    });
}

void Rotary(Matrix x, std::int64_t heads, std::int64_t headDim, const float* table, std::int64_t half,
    const std::int32_t* positions, float sign, std::int64_t begin, std::int64_t end)
{
    const std::size_t L = hn::Lanes(D());
    const auto n = static_cast<std::size_t>(half);
    const auto direction = hn::Set(D(), sign);
    withType(x, [&](auto* xs) {
        for (auto row = begin; row < end; ++row) {
            const float* cosines = table + 2 * half * positions[row];
            for (std::int64_t h = 0; h < heads; ++h) {
                auto* first = xs + row * x.stride + h * headDim;
                auto* second = first + half;
                for (std::size_t i = 0; i < n; i += L) {
                    const auto c = loadUpTo(cosines + i, n - i), s = hn::Mul(direction, loadUpTo(cosines + n + i, n - i));
                    const auto a = loadUpTo(first + i, n - i), b = loadUpTo(second + i, n - i);
                    storeUpTo(hn::NegMulAdd(b, s, hn::Mul(a, c)), first + i, n - i);
                    storeUpTo(hn::MulAdd(a, s, hn::Mul(b, c)), second + i, n - i);
                }
            }
        }
    });
}

HWY_INLINE V sigmoid(V v)
{
    const auto one = hn::Set(D(), 1.0F);
    return hn::Div(one, hn::Add(one, exponential(hn::Neg(v))));
}

void Swiglu(Matrix gateUp, Matrix out, std::int64_t width, std::int64_t begin, std::int64_t end)
{
    const std::size_t L = hn::Lanes(D()), F = static_cast<std::size_t>(width);
    withType(gateUp, [&](auto* ins) {
        withType(out, [&](auto* outs) {
            for (auto row = begin; row < end; ++row) {
                const auto* gate = ins + row * gateUp.stride;
                const auto* up = gate + width;
                auto* to = outs + row * out.stride;
                for (std::size_t i = 0; i < F; i += L) {
                    const auto g = loadUpTo(gate + i, F - i);
                    storeUpTo(hn::Mul(hn::Mul(g, sigmoid(g)), loadUpTo(up + i, F - i)), to + i, F - i);
                }
            }
        });
    });
}

void SwigluBackward(Matrix gradOut, Matrix gateUp, std::int64_t width, std::int64_t begin, std::int64_t end)
{
    const std::size_t L = hn::Lanes(D()), F = static_cast<std::size_t>(width);
    const auto one = hn::Set(D(), 1.0F);
    withType(gradOut, [&](auto* grads) {
        withType(gateUp, [&](auto* ins) {
            for (auto row = begin; row < end; ++row) {
                const auto* dy = grads + row * gradOut.stride;
                auto* gate = ins + row * gateUp.stride;
                auto* up = gate + width;
                for (std::size_t i = 0; i < F; i += L) {
                    const auto g = loadUpTo(gate + i, F - i), u = loadUpTo(up + i, F - i), d = loadUpTo(dy + i, F - i);
                    const auto s = sigmoid(g);
                    // d silu(g) = s · (1 + g · (1 - s))
                    const auto slope = hn::Mul(s, hn::MulAdd(g, hn::Sub(one, s), one));
                    storeUpTo(hn::Mul(hn::Mul(d, u), slope), gate + i, F - i);
                    storeUpTo(hn::Mul(hn::Mul(d, g), s), up + i, F - i);
                }
            }
        });
    });
}

template<typename T>
float rowLogSumExp(const T* row, std::size_t n)
{
    const std::size_t L = hn::Lanes(D());
    auto top = hn::Set(D(), -3.0e38F);
    std::size_t i = 0;
    for (; i + L <= n; i += L)
        top = hn::Max(top, load(row + i));
    float highest = hn::GetLane(hn::MaxOfLanes(D(), top));
    for (std::size_t j = i; j < n; ++j) {
        const float value = hn::GetLane(loadTail(row + j, 1));
        highest = value > highest ? value : highest;
    }
    const auto shift = hn::Set(D(), highest);
    auto total = hn::Zero(D());
    for (i = 0; i + L <= n; i += L)
        total = hn::Add(total, exponential(hn::Sub(load(row + i), shift)));
    float rest = 0;
    for (; i < n; ++i)
        rest += std::exp(hn::GetLane(loadTail(row + i, 1)) - highest);
    return highest + std::log(sum(total) + rest);
}

void CrossEntropy(Matrix logits, const std::int64_t* targets, std::int64_t vocabulary, const double* gradScale, float* losses,
    std::int64_t begin, std::int64_t end)
{
    const std::size_t L = hn::Lanes(D()), n = static_cast<std::size_t>(vocabulary);
    withType(logits, [&](auto* rows) {
        for (auto r = begin; r < end; ++r) {
            auto* row = rows + r * logits.stride;
            const float lse = rowLogSumExp(row, n);
            auto* wanted = row + targets[r];
            const float value = hn::GetLane(loadTail(wanted, 1));
            losses[r] = lse - value;
            if (!gradScale)
                continue;
            const auto shift = hn::Set(D(), lse);
            const auto scale = hn::Set(D(), static_cast<float>(*gradScale));
            for (std::size_t i = 0; i < n; i += L)
                storeUpTo(hn::Mul(exponential(hn::Sub(loadUpTo(row + i, n - i), shift)), scale), row + i, n - i);
            const float p = std::exp(value - lse);
            storeTail(hn::Set(D(), (p - 1.0F) * static_cast<float>(*gradScale)), wanted, 1);
        }
    });
}

}
}
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace attune::model::kernels::cpu {

HWY_EXPORT(RmsNorm);
HWY_EXPORT(RmsNormBackward);
HWY_EXPORT(Rotary);
HWY_EXPORT(Swiglu);
HWY_EXPORT(SwigluBackward);
HWY_EXPORT(CrossEntropy);

void rmsNorm(Matrix x, Matrix weight, double epsilon, Matrix out, std::int64_t channels, std::int64_t begin, std::int64_t end)
{
    HWY_DYNAMIC_DISPATCH(RmsNorm)(x, weight, epsilon, out, channels, begin, end);
}

void rmsNormBackward(Matrix gradOut, Matrix x, Matrix weight, double epsilon, Matrix gradX, float* gradWeight,
    std::int64_t channels, std::int64_t begin, std::int64_t end)
{
    HWY_DYNAMIC_DISPATCH(RmsNormBackward)(gradOut, x, weight, epsilon, gradX, gradWeight, channels, begin, end);
}

void rotary(Matrix x, std::int64_t heads, std::int64_t headDim, const float* table, std::int64_t half,
    const std::int32_t* positions, float sign, std::int64_t begin, std::int64_t end)
{
    HWY_DYNAMIC_DISPATCH(Rotary)(x, heads, headDim, table, half, positions, sign, begin, end);
}

void swiglu(Matrix gateUp, Matrix out, std::int64_t width, std::int64_t begin, std::int64_t end)
{
    HWY_DYNAMIC_DISPATCH(Swiglu)(gateUp, out, width, begin, end);
}

void swigluBackward(Matrix gradOut, Matrix gateUp, std::int64_t width, std::int64_t begin, std::int64_t end)
{
    HWY_DYNAMIC_DISPATCH(SwigluBackward)(gradOut, gateUp, width, begin, end);
}

void crossEntropy(Matrix logits, const std::int64_t* targets, std::int64_t vocabulary, const double* gradScale, float* losses,
    std::int64_t begin, std::int64_t end)
{
    HWY_DYNAMIC_DISPATCH(CrossEntropy)(logits, targets, vocabulary, gradScale, losses, begin, end);
}

}
#endif
