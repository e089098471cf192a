// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/kernels.h"

#include "base/result.h"
#include "model/kernels/cpu_kernels.h"

#include <ATen/Parallel.h>
#include <ATen/core/TensorBase.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <atomic>
#include <initializer_list>

namespace attune::model::kernels {
namespace {

// Below this many values a second thread costs more than it gives.
constexpr std::int64_t kGrain = 1 << 14;

/// Whether our CPU code serves: on the CPU, float32 or bfloat16, last dimension dense.
bool isServed(std::initializer_list<at::Tensor> tensors)
{
    return std::all_of(tensors.begin(), tensors.end(), [](const at::Tensor& t) {
        return !t.defined()
            || (t.device().is_cpu() && (t.scalar_type() == at::kFloat || t.scalar_type() == at::kBFloat16) && t.dim() >= 1
                && (t.size(-1) == 1 || t.stride(-1) == 1));
    });
}

cpu::Matrix matrixOf(const at::Tensor& t)
{
    if (!t.defined())
        return {};
    return {t.data_ptr(), t.dim() > 1 ? t.stride(0) : 0, t.scalar_type() == at::kFloat ? cpu::Element::Float32 : cpu::Element::BFloat16};
}

/// Spreads rows over threads, by the work that a row is.
template<typename Body>
void overRows(std::int64_t rows, std::int64_t width, Body body)
{
    at::parallel_for(0, rows, std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, width)), body);
}

/// One task per segment and key-value head (or per query head where that gives too few), longest first.
std::vector<cpu::AttentionTask> tasksOf(const AttentionShape& shape, bool backward)
{
    const auto group = shape.heads / shape.kvHeads;
    const bool perHead = !backward && static_cast<std::int64_t>(shape.segments.size()) * shape.kvHeads < 4 * at::get_num_threads();
    std::vector<cpu::AttentionTask> tasks;
    for (const auto& s : shape.segments)
        for (std::int64_t kv = 0; kv < shape.kvHeads; ++kv)
            for (std::int64_t h = 0; h < group; h += perHead ? 1 : group)
                tasks.push_back({s.query, s.queryLength, s.key, s.keyLength, kv, kv * group + h, perHead ? 1 : group});
    std::stable_sort(tasks.begin(), tasks.end(),
        [](const auto& a, const auto& b) { return a.queryLength * a.keyLength > b.queryLength * b.keyLength; });
    return tasks;
}

/// Threads fetch tasks from a counter: their costs grow with the square of the length.
template<typename Run>
void runTasks(const std::vector<cpu::AttentionTask>& tasks, std::int64_t headDim, bool backward, Run run)
{
    std::int64_t floats = 0;
    for (const auto& task : tasks)
        floats = std::max(floats, cpu::attentionScratch(task.queryLength, task.keyLength, headDim, backward));
    std::atomic<std::size_t> next {0};
    const auto threads = std::min<std::int64_t>(at::get_num_threads(), static_cast<std::int64_t>(tasks.size()));
    at::parallel_for(0, threads, 1, [&](std::int64_t begin, std::int64_t end) {
        const auto scratch = at::empty({floats}, at::kFloat);
        for (auto worker = begin; worker < end; ++worker)
            for (std::size_t i = next++; i < tasks.size(); i = next++)
                run(tasks[i], scratch.mutable_data_ptr<float>());
    });
}

}

void rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon, const at::Tensor& out)
{
    if (!isServed({x, weight, out}))
        return reference::rmsNorm(x, weight, epsilon, out);
    const auto C = x.size(-1);
    overRows(x.size(0), C, [&](auto begin, auto end) { cpu::rmsNorm(matrixOf(x), matrixOf(weight), epsilon, matrixOf(out), C, begin, end); });
}

void rmsNormBackward(const at::Tensor& gradOut, const at::Tensor& x, const at::Tensor& weight, double epsilon,
    const at::Tensor& gradX, const at::Tensor& gradWeight)
{
    if (!isServed({gradOut, x, weight, gradX, gradWeight}))
        return reference::rmsNormBackward(gradOut, x, weight, epsilon, gradX, gradWeight);
    const auto T = x.size(0), C = x.size(-1);
    if (!gradWeight.defined()) {
        overRows(T, C, [&](auto begin, auto end) {
            cpu::rmsNormBackward(matrixOf(gradOut), matrixOf(x), matrixOf(weight), epsilon, matrixOf(gradX), nullptr, C, begin, end);
        });
        return;
    }
    // Partial sums of fixed row ranges, added in order: the same result however many threads there are.
    constexpr std::int64_t kRows = 256;
    const auto parts = (T + kRows - 1) / kRows;
    const auto partial = at::zeros({parts, C}, at::kFloat);
    at::parallel_for(0, parts, 1, [&](auto begin, auto end) {
        for (auto part = begin; part < end; ++part)
            cpu::rmsNormBackward(matrixOf(gradOut), matrixOf(x), matrixOf(weight), epsilon, matrixOf(gradX),
                partial.mutable_data_ptr<float>() + part * C, C, part * kRows, std::min(T, (part + 1) * kRows));
    });
    gradWeight.add_(partial.sum(0));
}

void rotary(const at::Tensor& x, std::int64_t heads, const at::Tensor& table, const at::Tensor& positions, Rotation rotation)
{
    if (!isServed({x, table}) || table.scalar_type() != at::kFloat || !table.is_contiguous())
        return reference::rotary(x, heads, table, positions, rotation);
    overRows(x.size(0), x.size(1), [&](auto begin, auto end) {
        cpu::rotary(matrixOf(x), heads, x.size(1) / heads, table.const_data_ptr<float>(), table.size(2),
            positions.const_data_ptr<std::int32_t>(), rotation == Rotation::Forward ? 1.0F : -1.0F, begin, end);
    });
}

void swiglu(const at::Tensor& gateUp, const at::Tensor& out)
{
    if (!isServed({gateUp, out}))
        return reference::swiglu(gateUp, out);
    const auto F = out.size(1);
    overRows(out.size(0), F, [&](auto begin, auto end) { cpu::swiglu(matrixOf(gateUp), matrixOf(out), F, begin, end); });
}

void swigluBackward(const at::Tensor& gradOut, const at::Tensor& gateUp)
{
    if (!isServed({gradOut, gateUp}))
        return reference::swigluBackward(gradOut, gateUp);
    const auto F = gradOut.size(1);
    overRows(gradOut.size(0), F, [&](auto begin, auto end) { cpu::swigluBackward(matrixOf(gradOut), matrixOf(gateUp), F, begin, end); });
}

void attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionShape& shape,
    const at::Tensor& out, const at::Tensor& logSumExp)
{
    if (!isServed({q, k, v, out, logSumExp}))
        return reference::attention(q, k, v, shape, out, logSumExp);
    cpu::AttentionMatrices m;
    m.q = matrixOf(q), m.k = matrixOf(k), m.v = matrixOf(v), m.out = matrixOf(out);
    m.logSumExp = logSumExp.defined() ? logSumExp.mutable_data_ptr<float>() : nullptr;
    m.logSumExpStride = logSumExp.defined() ? logSumExp.stride(0) : 0;
    m.headDim = shape.headDim, m.scale = static_cast<float>(shape.scale);
    runTasks(tasksOf(shape, false), shape.headDim, false, [&](const auto& task, float* scratch) { cpu::attention(m, task, scratch); });
}

void attentionBackward(const at::Tensor& gradOut, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
    const at::Tensor& out, const at::Tensor& logSumExp, const AttentionShape& shape, const at::Tensor& gradQ,
    const at::Tensor& gradK, const at::Tensor& gradV)
{
    if (!isServed({gradOut, q, k, v, out, logSumExp, gradQ, gradK, gradV}))
        return reference::attentionBackward(gradOut, q, k, v, out, logSumExp, shape, gradQ, gradK, gradV);
    cpu::AttentionMatrices m;
    m.q = matrixOf(q), m.k = matrixOf(k), m.v = matrixOf(v), m.out = matrixOf(out);
    m.logSumExp = logSumExp.mutable_data_ptr<float>(), m.logSumExpStride = logSumExp.stride(0);
    m.gradOut = matrixOf(gradOut), m.gradQ = matrixOf(gradQ), m.gradK = matrixOf(gradK), m.gradV = matrixOf(gradV);
    m.headDim = shape.headDim, m.scale = static_cast<float>(shape.scale);
    runTasks(tasksOf(shape, true), shape.headDim, true, [&](const auto& task, float* scratch) { cpu::attentionBackward(m, task, scratch); });
}

void crossEntropy(const at::Tensor& logits, const at::Tensor& targets, const at::Tensor& losses)
{
    if (!isServed({logits, losses}))
        return reference::crossEntropy(logits, targets, losses);
    overRows(logits.size(0), logits.size(1), [&](auto begin, auto end) {
        cpu::crossEntropy(matrixOf(logits), targets.const_data_ptr<std::int64_t>(), logits.size(1), nullptr, losses.mutable_data_ptr<float>(), begin, end);
    });
}

void crossEntropyBackward(const at::Tensor& logits, const at::Tensor& targets, double gradScale, const at::Tensor& losses)
{
    if (!isServed({logits, losses}))
        return reference::crossEntropyBackward(logits, targets, gradScale, losses);
    overRows(logits.size(0), logits.size(1), [&](auto begin, auto end) {
        cpu::crossEntropy(matrixOf(logits), targets.const_data_ptr<std::int64_t>(), logits.size(1), &gradScale, losses.mutable_data_ptr<float>(), begin, end);
    });
}

void dropout(const at::Tensor& x, double p, std::uint64_t stream, const at::Tensor& out)
{
    reference::dropout(x, p, stream, out);
}

}
