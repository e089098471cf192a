// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/packed_linear.h"

#include "model/kernels/amx_tiles.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>

namespace attune::model {

namespace {

using kernels::AmxOperands;
using kernels::Bfloat16Rows;
using kernels::PackedMatrix;

std::uint16_t* valuesOf(const at::Tensor& x)
{
    return static_cast<std::uint16_t*>(x.data_ptr());
}

Bfloat16Rows rowsOf(const at::Tensor& x)
{
    return {valuesOf(x), x.stride(0)};
}

at::Tensor scratchOf(std::int64_t bytes)
{
    return at::empty({bytes + 64}, at::kByte);
}

void* aligned(const at::Tensor& scratch)
{
    return reinterpret_cast<void*>((reinterpret_cast<std::uintptr_t>(scratch.data_ptr()) + 63) / 64 * 64);
}

/// Rows over the threads, in multiples of what a tile block holds. A few rows (an answer's next token) would
/// leave threads idle: then, and for very wide results, the columns are dealt out instead.
void run(const AmxOperands& operands, std::int64_t rows)
{
    constexpr std::int64_t kFewRows = 64, kManyPanels = 512;
    const auto threads = static_cast<std::int64_t>(at::get_num_threads());
    const auto panels = (operands.b.columns + 31) / 32;
    if (!operands.inner.values && (rows < kFewRows || panels > kManyPanels)) {
        at::parallel_for(0, panels, std::max<std::int64_t>(1, (panels + threads - 1) / threads), [&](std::int64_t begin, std::int64_t end) {
            auto part = operands;
            part.firstPanel = begin, part.lastPanel = end;
            const auto scratch = scratchOf(kernels::amxScratchBytes(part));
            kernels::amxProduct(0, rows, part, aligned(scratch));
        });
        return;
    }
    const auto blocks = (rows + 31) / 32;
    at::parallel_for(0, blocks, std::max<std::int64_t>(1, (blocks + threads - 1) / threads), [&](std::int64_t begin, std::int64_t end) {
        const auto scratch = scratchOf(kernels::amxScratchBytes(operands));
        kernels::amxProduct(begin * 32, std::min(end * 32, rows), operands, aligned(scratch));
    });
}

}

bool PackedLinear::serves(at::ScalarType stored, at::ScalarType compute, at::Device device)
{
    return device.is_cpu() && stored == at::kBFloat16 && compute == at::kBFloat16 && kernels::hasAmx();
}

PackedLinear::PackedLinear(const at::Tensor& weight, std::int64_t rank)
    : m_inputs(weight.size(1))
    , m_outputs(weight.size(0))
    , m_rank(rank)
    , m_forward(m_inputs + rank, m_outputs)
    , m_backward(m_outputs + rank, m_inputs)
    , m_down(rank > 0 ? PackedMatrix(m_inputs, rank) : PackedMatrix())
    , m_up(rank > 0 ? PackedMatrix(m_outputs, rank) : PackedMatrix())
{
    m_forward.put(0, m_inputs, 0, m_outputs, valuesOf(weight), 1, weight.stride(0));
    m_backward.put(0, m_outputs, 0, m_inputs, valuesOf(weight), weight.stride(0), 1);
}

void PackedLinear::setLowRank(const at::Tensor& a, const at::Tensor& b, std::int64_t column, std::int64_t row)
{
    const auto r = a.size(0), out = b.size(0);
    m_down.put(0, m_inputs, column, r, valuesOf(a), 1, a.stride(0));
    m_backward.put(m_outputs + column, r, 0, m_inputs, valuesOf(a), a.stride(0), 1);
    m_forward.put(m_inputs + column, r, row, out, valuesOf(b), 1, b.stride(0));
    m_up.put(row, out, column, r, valuesOf(b), b.stride(0), 1);
}

at::Tensor PackedLinear::weight(std::int64_t row, std::int64_t rows) const
{
    const auto result = at::empty({rows, m_inputs}, at::kBFloat16);
    m_backward.get(row, rows, 0, m_inputs, valuesOf(result), m_inputs, 1);
    return result;
}

void PackedLinear::project(const at::Tensor& x) const
{
    AmxOperands operands;
    operands.a = rowsOf(x);
    operands.b = m_down.view();
    operands.out = rowsOf(x.narrow(1, m_inputs, m_rank));
    run(operands, x.size(0));
}

void PackedLinear::forward(const at::Tensor& x, const at::Tensor& out, bool adds, bool isProjected) const
{
    constexpr std::int64_t kFewRows = 64;
    AmxOperands operands;
    operands.a = rowsOf(x);
    operands.b = m_forward.view();
    operands.out = rowsOf(out);
    operands.adds = adds;
    if (m_rank > 0 && !isProjected && x.size(0) < kFewRows) {
        project(x);
    } else if (m_rank > 0 && !isProjected) {
        operands.inner = m_down.view();
        operands.projected = rowsOf(x.narrow(1, m_inputs, m_rank));
    }
    run(operands, x.size(0));
}

void PackedLinear::backward(const at::Tensor& gradOut, const at::Tensor& gradX, bool isLowRankOnly) const
{
    AmxOperands operands;
    operands.a = rowsOf(gradOut);
    operands.out = rowsOf(gradX);
    if (!isLowRankOnly)
        operands.b = m_backward.view();
    if (m_rank > 0) {
        operands.inner = m_up.view();
        operands.projected = rowsOf(gradX.narrow(1, m_inputs, m_rank));
    }
    run(operands, gradOut.size(0));
}

void PackedLinear::backwardBase(const at::Tensor& gradOut, const at::Tensor& gradX) const
{
    AmxOperands low;
    low.a = rowsOf(gradOut);
    low.inner = m_up.view();
    low.projected = rowsOf(gradX.narrow(1, m_inputs, m_rank));
    run(low, gradOut.size(0));
    AmxOperands base;
    base.a = rowsOf(gradOut);
    base.b = m_backward.view();
    base.b.rows = m_outputs;  // A's rows behind W meet columns that packing fills with zeros
    base.out = rowsOf(gradX);
    run(base, gradOut.size(0));
}

void PackedLinear::addGradient(const at::Tensor& g, const at::Tensor& x, double scale, const at::Tensor& gradient)
{
    const kernels::AmxGradient task {g.size(0), g.size(1), rowsOf(g), rowsOf(x), static_cast<float>(scale), gradient.data_ptr<float>(), gradient.stride(0), gradient.stride(1)};
    const auto threads = static_cast<std::int64_t>(at::get_num_threads());
    const auto panels = (x.size(1) + 31) / 32;
    at::parallel_for(0, panels, std::max<std::int64_t>(1, (panels + threads - 1) / threads), [&](std::int64_t begin, std::int64_t end) {
        const auto scratch = scratchOf(kernels::amxScratchBytes(task));
        kernels::amxGradient(begin * 32, std::min(end * 32, x.size(1)), task, aligned(scratch));
    });
}

PackedHead::PackedHead(const at::Tensor& weight)
    : m_forward(weight.size(1), weight.size(0))
    , m_backward(weight.size(0), weight.size(1))
{
    m_forward.put(0, weight.size(1), 0, weight.size(0), valuesOf(weight), 1, weight.stride(0));
    m_backward.put(0, weight.size(0), 0, weight.size(1), valuesOf(weight), weight.stride(0), 1);
}

void PackedHead::logits(const at::Tensor& x, const at::Tensor& out) const
{
    AmxOperands operands;
    operands.a = rowsOf(x);
    operands.b = m_forward.view();
    operands.out = rowsOf(out);
    run(operands, x.size(0));
}

void PackedHead::gradient(const at::Tensor& gradLogits, const at::Tensor& gradX) const
{
    AmxOperands operands;
    operands.a = rowsOf(gradLogits);
    operands.b = m_backward.view();
    operands.out = rowsOf(gradX);
    run(operands, gradLogits.size(0));
}

}
