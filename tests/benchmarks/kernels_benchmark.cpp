// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels between the matrix products, at the shapes of SmolLM2-135M and a pack of 2 048 tokens.
#include "model/kernels/kernels.h"
#include "model/products.h"
#include "model/tile_product.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <benchmark/benchmark.h>

namespace {

using namespace attune::model;

constexpr std::int64_t kTokens = 2048, kHeads = 9, kKvHeads = 3, kHeadDim = 64, kChannels = 576, kWidth = 1536;

kernels::AttentionShape shapeOf(std::int32_t length)
{
    kernels::AttentionShape shape {kHeads, kKvHeads, kHeadDim, 0.125, {}};
    for (std::int32_t at = 0; at < kTokens; at += length)
        shape.segments.push_back({at, std::min<std::int32_t>(length, kTokens - at), at, std::min<std::int32_t>(length, kTokens - at)});
    return shape;
}

/// Multiply-adds of the causal half, forward 2 products, backward 5, as GFLOP.
void countFlops(benchmark::State& state, std::int64_t length, int products)
{
    const double flops = 1.0 * kTokens * static_cast<double>(length) * kHeads * kHeadDim * products;
    state.counters["GFLOP/s"] = benchmark::Counter(flops * 1e-9 * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void attentionForward(benchmark::State& state)
{
    const auto shape = shapeOf(static_cast<std::int32_t>(state.range(0)));
    const auto q = at::randn({kTokens, kHeads * kHeadDim}, at::kBFloat16), k = at::randn({kTokens, kKvHeads * kHeadDim}, at::kBFloat16);
    auto out = at::empty_like(q), lse = at::empty({kHeads, kTokens}, at::kFloat);
    for (auto _ : state)
        kernels::attention(q, k, k, shape, out, lse);
    countFlops(state, state.range(0), 2);
}

void attentionBackward(benchmark::State& state)
{
    const auto shape = shapeOf(static_cast<std::int32_t>(state.range(0)));
    const auto q = at::randn({kTokens, kHeads * kHeadDim}, at::kBFloat16), k = at::randn({kTokens, kKvHeads * kHeadDim}, at::kBFloat16);
    auto out = at::empty_like(q), lse = at::empty({kHeads, kTokens}, at::kFloat), dq = at::empty_like(q), dk = at::empty_like(k), dv = at::empty_like(k);
    kernels::attention(q, k, k, shape, out, lse);
    for (auto _ : state)
        kernels::attentionBackward(q, q, k, k, out, lse, shape, dq, dk, dv);
    countFlops(state, state.range(0), 5);
}

void rmsNormForward(benchmark::State& state)
{
    const auto x = at::randn({kTokens, kChannels}, at::kBFloat16), w = at::randn({kChannels}, at::kBFloat16);
    const auto out = at::empty_like(x);
    for (auto _ : state)
        kernels::rmsNorm(x, w, 1e-5, out);
}

void swigluForwardBackward(benchmark::State& state)
{
    const auto gateUp = at::randn({kTokens, 2 * kWidth}, at::kBFloat16), g = at::randn({kTokens, kWidth}, at::kBFloat16);
    const auto out = at::empty_like(g);
    for (auto _ : state) {
        kernels::swiglu(gateUp, out);
        kernels::swigluBackward(g, gateUp);
    }
}

void crossEntropyBackward(benchmark::State& state)
{
    const auto logits = at::randn({256, 49152}, at::kBFloat16);
    const auto targets = at::randint(0, 49152, {256}, at::kLong);
    const auto losses = at::empty({256}, at::kFloat);
    for (auto _ : state)
        kernels::crossEntropyBackward(logits, targets, torch::ones({}), losses);
}

/// [tokens, inputs] by [outputs, inputs]: a linear of the model forward, on tile units and as ATen has it.
void linearForward(benchmark::State& state)
{
    const auto type = state.range(2) == 0 ? at::kFloat : at::kBFloat16;
    const auto x = at::randn({1024, state.range(0)}).to(type), w = at::randn({state.range(1), state.range(0)}).to(type), out = at::empty({1024, state.range(1)}, type);
    for (auto _ : state) {
        if (state.range(3) == 1)
            tileProduct(out, x, w.t(), {});
        else
            product(out, x, w.t());
    }
    state.counters["GFLOP/s"] = benchmark::Counter(2048e-9 * static_cast<double>(state.range(0) * state.range(1) * state.iterations()), benchmark::Counter::kIsRate);
}

/// The gradient of that weight in float32.
void linearGradient(benchmark::State& state)
{
    const auto type = state.range(2) == 0 ? at::kFloat : at::kBFloat16;
    const auto x = at::randn({1024, state.range(0)}).to(type), g = at::randn({1024, state.range(1)}).to(type), sum = at::zeros({state.range(1), state.range(0)});
    for (auto _ : state) {
        if (state.range(3) == 1)
            tileProduct(sum, g.t(), x, {.addend = sum});
        else
            at::Tensor(sum).add_(productOf(g.t(), x));
    }
    state.counters["GFLOP/s"] = benchmark::Counter(2048e-9 * static_cast<double>(state.range(0) * state.range(1) * state.iterations()), benchmark::Counter::kIsRate);
}

BENCHMARK(linearForward)->ArgsProduct({{576}, {960, 3072}, {0, 1}, {0, 1}})->Args({1536, 576, 0, 0})->Args({1536, 576, 0, 1})->Args({1536, 576, 1, 0})->Args({1536, 576, 1, 1})->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(linearGradient)->ArgsProduct({{576}, {960, 3072}, {0, 1}, {0, 1}})->Args({1536, 576, 1, 0})->Args({1536, 576, 1, 1})->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(attentionForward)->Arg(128)->Arg(220)->Arg(512)->Arg(2048)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(attentionBackward)->Arg(128)->Arg(220)->Arg(512)->Arg(2048)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(rmsNormForward)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(swigluForwardBackward)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(crossEntropyBackward)->Unit(benchmark::kMillisecond)->UseRealTime();

}

BENCHMARK_MAIN();
