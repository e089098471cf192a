// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/kernels.h"

#include "model/kernels/cpu_table.h"
#include "model/kernels/on_card.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <initializer_list>
#include <vector>

namespace attune::model::kernels {

namespace {

/// Whether our own code serves: on the CPU, one type of float32 or bfloat16, dense last dimension.
bool isNative(std::initializer_list<at::Tensor> tensors)
{
    const auto type = tensors.begin()->scalar_type();
    return std::ranges::all_of(tensors, [&](const at::Tensor& t) {
        return t.device().is_cpu() && t.scalar_type() == type && (type == at::kFloat || type == at::kBFloat16) && t.dim() == 2 && (t.stride(1) == 1 || t.size(1) == 1);
    });
}

Element elementOf(const at::Tensor& x)
{
    return x.scalar_type() == at::kFloat ? Element::Float32 : Element::Bfloat16;
}

Rows rows(const at::Tensor& x)
{
    return {x.data_ptr(), x.stride(0)};
}

/// Rows per task so that a task is worth starting: about 32 k elements.
std::int64_t grain(std::int64_t width)
{
    return std::max<std::int64_t>(1, 32768 / std::max<std::int64_t>(width, 1));
}

/// Runs tasks in any order, each by whichever thread is free: segments differ much in length.
template<typename Function>
void overTasks(std::int64_t count, std::int64_t scratchBytes, const Function& function)
{
    std::atomic<std::int64_t> next {0};
    const auto threads = std::min<std::int64_t>(at::get_num_threads(), count);
    at::parallel_for(0, threads, 1, [&](std::int64_t begin, std::int64_t end) {
        for (auto worker = begin; worker < end; ++worker) {
            const auto scratch = at::empty({scratchBytes}, at::kByte);
            for (auto task = next++; task < count; task = next++)
                function(task, scratch.data_ptr());
        }
    });
}

/// The task of one segment and key-value head.
AttentionTask taskOf(const AttentionShape& shape, const Segment& s, std::int64_t kvHead, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& out, const at::Tensor& lse)
{
    const auto group = shape.heads / shape.kvHeads, D = shape.headDim;
    const auto place = [&](const at::Tensor& x, std::int64_t row, std::int64_t head) {
        return Rows {static_cast<char*>(x.data_ptr()) + (row * x.stride(0) + head * D) * static_cast<std::int64_t>(x.element_size()), x.stride(0)};
    };
    AttentionTask task;
    task.queryLength = s.queryLength;
    task.keyLength = s.keyLength;
    task.headDim = D;
    task.groupHeads = group;
    task.scale = static_cast<float>(shape.scale);
    task.q = place(q, s.query, kvHead * group);
    task.out = place(out, s.query, kvHead * group);
    task.k = place(k, s.key, kvHead);
    task.v = place(v, s.key, kvHead);
    if (lse.defined()) {
        task.logSumExp = lse.data_ptr<float>() + kvHead * group * lse.stride(0) + s.query;
        task.logSumExpStride = lse.stride(0);
    }
    return task;
}

/// Pairs of bfloat16 are read as one 32-bit lane, so sizes must be even.
bool fitsPairs(const at::Tensor& x, const AttentionShape& shape)
{
    return x.scalar_type() == at::kFloat || (shape.headDim % 2 == 0 && x.stride(0) % 2 == 0);
}

std::int64_t scratchBytes(const AttentionShape& shape, bool isBackward)
{
    std::int64_t bytes = 0;
    for (const auto& s : shape.segments)
        bytes = std::max(bytes, cpuKernels().attentionScratch(s.queryLength, s.keyLength, shape.headDim, isBackward));
    return bytes;
}

}

void rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon, const at::Tensor& out)
{
    if (!isNative({x, out}))
        return on_card::rmsNorm(x, weight, epsilon, out) ? void() : reference::rmsNorm(x, weight, epsilon, out);
    const auto C = x.size(1);
    at::parallel_for(0, x.size(0), grain(C), [&](std::int64_t begin, std::int64_t end) {
        cpuKernels().rmsNorm(elementOf(x), begin, end, C, rows(x), weight.data_ptr<float>(), static_cast<float>(epsilon), rows(out));
    });
}

void rmsNormBackward(const at::Tensor& gradOut, const at::Tensor& x, const at::Tensor& weight, double epsilon,
    const at::Tensor& gradX, const at::Tensor& gradWeight)
{
    if (!isNative({x, gradOut, gradX}))
        return on_card::rmsNormBackward(gradOut, x, weight, epsilon, gradX, gradWeight) ? void() : reference::rmsNormBackward(gradOut, x, weight, epsilon, gradX, gradWeight);
    const auto T = x.size(0), C = x.size(1);
    const auto run = [&](std::int64_t begin, std::int64_t end, float* sums) {
        cpuKernels().rmsNormBackward(elementOf(x), begin, end, C, rows(gradOut), rows(x), weight.data_ptr<float>(), static_cast<float>(epsilon), rows(gradX), sums);
    };
    if (!gradWeight.defined()) {
        at::parallel_for(0, T, grain(C), [&](std::int64_t begin, std::int64_t end) { run(begin, end, nullptr); });
        return;
    }
    // Fixed parts, so that the sum does not depend on the number of threads.
    const std::int64_t parts = std::min<std::int64_t>(T, 16), size = (T + parts - 1) / parts;
    const auto sums = at::zeros({parts, C}, at::kFloat);
    at::parallel_for(0, parts, 1, [&](std::int64_t begin, std::int64_t end) {
        for (auto part = begin; part < end; ++part)
            run(std::min(part * size, T), std::min((part + 1) * size, T), sums.data_ptr<float>() + part * C);
    });
    gradWeight.add_(sums.sum(0));
}

void rotary(const at::Tensor& x, std::int64_t heads, const at::Tensor& table, const at::Tensor& positions, Rotation rotation)
{
    if (!isNative({x}))
        return on_card::rotary(x, heads, table, positions, rotation) ? void() : reference::rotary(x, heads, table, positions, rotation);
    at::parallel_for(0, x.size(0), grain(x.size(1)), [&](std::int64_t begin, std::int64_t end) {
        cpuKernels().rotary(elementOf(x), begin, end, heads, x.size(1) / heads, table.size(2), rows(x), table.data_ptr<float>(), positions.data_ptr<std::int32_t>(),
            rotation == Rotation::Forward ? 1.0f : -1.0f);
    });
}

void swiglu(const at::Tensor& gateUp, const at::Tensor& out)
{
    if (!isNative({gateUp, out}))
        return on_card::swiglu(gateUp, out) ? void() : reference::swiglu(gateUp, out);
    const auto F = out.size(1);
    at::parallel_for(0, out.size(0), grain(F), [&](std::int64_t begin, std::int64_t end) { cpuKernels().swiglu(elementOf(out), begin, end, F, rows(gateUp), rows(out)); });
}

void swigluBackward(const at::Tensor& gradOut, const at::Tensor& gateUp, bool restoresOutput)
{
    if (!isNative({gateUp, gradOut})) {
        const auto output = restoresOutput ? at::empty_like(gradOut) : at::Tensor();
        if (restoresOutput)
            swiglu(gateUp, output);
        if (!on_card::swigluBackward(gradOut, gateUp))
            reference::swigluBackward(gradOut, gateUp);
        if (restoresOutput)
            gradOut.copy_(output);
        return;
    }
    const auto F = gradOut.size(1);
    at::parallel_for(0, gradOut.size(0), grain(F), [&](std::int64_t begin, std::int64_t end) { cpuKernels().swigluBackward(elementOf(gradOut), begin, end, F, rows(gradOut), rows(gateUp), restoresOutput); });
}

void attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionShape& shape,
    const at::Tensor& out, const at::Tensor& logSumExp)
{
    if (!isNative({q, k, v, out}) || !fitsPairs(q, shape) || !fitsPairs(k, shape))
        return on_card::attention(q, k, v, shape, out, logSumExp) ? void() : reference::attention(q, k, v, shape, out, logSumExp);
    const auto heads = shape.kvHeads;
    overTasks(static_cast<std::int64_t>(shape.segments.size()) * heads, scratchBytes(shape, false), [&](std::int64_t task, void* scratch) {
        cpuKernels().attention(elementOf(q), taskOf(shape, shape.segments[static_cast<std::size_t>(task / heads)], task % heads, q, k, v, out, logSumExp), scratch);
    });
}

void attentionBackward(const at::Tensor& gradOut, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
    const at::Tensor& out, const at::Tensor& logSumExp, const AttentionShape& shape, const at::Tensor& gradQ,
    const at::Tensor& gradK, const at::Tensor& gradV)
{
    if (!isNative({q, k, v, out, gradOut, gradQ, gradK, gradV}) || !fitsPairs(q, shape) || !fitsPairs(k, shape) || !fitsPairs(gradOut, shape) || !fitsPairs(v, shape))
        return on_card::attentionBackward(gradOut, q, k, v, out, logSumExp, shape, gradQ, gradK, gradV) ? void() : reference::attentionBackward(gradOut, q, k, v, out, logSumExp, shape, gradQ, gradK, gradV);
    const auto heads = shape.kvHeads, group = shape.heads / shape.kvHeads, D = shape.headDim;
    const auto place = [&](const at::Tensor& x, std::int64_t row, std::int64_t head) {
        return Rows {static_cast<char*>(x.data_ptr()) + (row * x.stride(0) + head * D) * static_cast<std::int64_t>(x.element_size()), x.stride(0)};
    };
    overTasks(static_cast<std::int64_t>(shape.segments.size()) * heads, scratchBytes(shape, true), [&](std::int64_t index, void* scratch) {
        const auto& segment = shape.segments[static_cast<std::size_t>(index / heads)];
        const auto head = index % heads;
        auto task = taskOf(shape, segment, head, q, k, v, out, logSumExp);
        task.gradOut = place(gradOut, segment.query, head * group);
        task.gradQ = place(gradQ, segment.query, head * group);
        task.gradK = place(gradK, segment.key, head);
        task.gradV = place(gradV, segment.key, head);
        cpuKernels().attentionBackward(elementOf(q), task, scratch);
    });
}

void crossEntropy(const at::Tensor& logits, const at::Tensor& targets, const at::Tensor& losses)
{
    if (!isNative({logits}))
        return on_card::crossEntropy(logits, targets, {}, losses) ? void() : reference::crossEntropy(logits, targets, losses);
    at::parallel_for(0, logits.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
        cpuKernels().crossEntropy(elementOf(logits), begin, end, logits.size(1), rows(logits), targets.data_ptr<std::int64_t>(), nullptr, losses.data_ptr<float>());
    });
}

void crossEntropyBackward(const at::Tensor& logits, const at::Tensor& targets, const at::Tensor& gradScale, const at::Tensor& losses)
{
    if (!isNative({logits}))
        return on_card::crossEntropy(logits, targets, gradScale, losses) ? void() : reference::crossEntropyBackward(logits, targets, gradScale, losses);
    const auto scale = *gradScale.const_data_ptr<float>();
    at::parallel_for(0, logits.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
        cpuKernels().crossEntropy(elementOf(logits), begin, end, logits.size(1), rows(logits), targets.data_ptr<std::int64_t>(), &scale, losses.data_ptr<float>());
    });
}

void dropout(const at::Tensor& x, double p, std::uint64_t stream, const at::Tensor& out)
{
    if (!isNative({x, out}))
        return on_card::dropout(x, p, stream, out) ? void() : reference::dropout(x, p, stream, out);
    at::parallel_for(0, x.size(0), grain(x.size(1)), [&](std::int64_t begin, std::int64_t end) {
        cpuKernels().dropout(elementOf(x), begin, end, x.size(1), rows(x), static_cast<float>(p), stream, rows(out));
    });
}

}
