// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/packed_linear.h"

#include "model/kernels/aligned_room.h"
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

/// [T, C] by rows, or [S, blocks, 32, 32] tiled.
Bfloat16Rows rowsOf(const at::Tensor& x)
{
    return x.dim() == 4 ? Bfloat16Rows {valuesOf(x), 0, x.stride(0) / 1024} : Bfloat16Rows {valuesOf(x), x.stride(0)};
}

/// Rows over the threads, in multiples of what a tile block holds. A few rows (an answer's next token) would leave
/// threads idle: then, and for very wide results, the columns are dealt out instead.
void run(const AmxOperands& operands, std::int64_t rows)
{
    constexpr std::int64_t kManyPanels = 512;
    const auto threads = static_cast<std::int64_t>(at::get_num_threads());
    const auto panels = (operands.b.columns + 31) / 32;
    if (!operands.inner.values && (rows < PackedLinear::kFewRows || panels > kManyPanels)) {
        at::parallel_for(0, panels, std::max<std::int64_t>(1, (panels + threads - 1) / threads), [&](std::int64_t begin, std::int64_t end) {
            auto part = operands;
            part.firstPanel = begin, part.lastPanel = end;
            const kernels::AlignedRoom scratch(kernels::amxScratchBytes(part));
            kernels::amxProduct(0, rows, part, scratch.data());
        });
        return;
    }
    const auto blocks = (rows + 31) / 32;
    at::parallel_for(0, blocks, std::max<std::int64_t>(1, (blocks + threads - 1) / threads), [&](std::int64_t begin, std::int64_t end) {
        const kernels::AlignedRoom scratch(kernels::amxScratchBytes(operands));
        kernels::amxProduct(begin * 32, std::min(end * 32, rows), operands, scratch.data());
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

void PackedLinear::forward(const at::Tensor& x, const at::Tensor& low, const at::Tensor& out, const at::Tensor& addend) const
{
    AmxOperands operands {.a = rowsOf(x), .inner = {}, .projected = {}, .b = m_forward.view(), .out = rowsOf(out), .addend = addend.defined() ? rowsOf(addend) : Bfloat16Rows {}};
    if (m_rank > 0) {
        operands.inner = m_down.view();
        operands.projected = rowsOf(low);
    }
    run(operands, low.size(0));
}

void PackedLinear::backward(const at::Tensor& gradOut, const at::Tensor& gradLow, const at::Tensor& gradX) const
{
    AmxOperands operands {.a = rowsOf(gradOut), .inner = {}, .projected = {}, .b = m_backward.view(), .out = rowsOf(gradX), .addend = {}};
    if (m_rank > 0) {
        operands.inner = m_up.view();
        operands.projected = rowsOf(gradLow);
    }
    run(operands, gradLow.size(0));
}

void PackedLinear::project(const at::Tensor& x) const
{
    run({.a = rowsOf(x), .inner = {}, .projected = {}, .b = m_down.view(), .out = rowsOf(x.narrow(1, m_inputs, m_rank)), .addend = {}}, x.size(0));
}

void PackedLinear::forward(const at::Tensor& x, const at::Tensor& out, bool adds, bool isProjected) const
{
    if (!isProjected && x.size(0) >= kFewRows)
        return forward(x.narrow(1, 0, m_inputs), x.narrow(1, m_inputs, m_rank), out, adds ? out : at::Tensor());
    if (!isProjected && m_rank > 0)
        project(x);
    run({.a = rowsOf(x), .inner = {}, .projected = {}, .b = m_forward.view(), .out = rowsOf(out), .addend = adds ? rowsOf(out) : Bfloat16Rows {}}, x.size(0));
}

void PackedLinear::backward(const at::Tensor& gradOut, const at::Tensor& gradX, bool isLowRankOnly) const
{
    if (!isLowRankOnly)
        return backward(gradOut, gradX.narrow(1, m_inputs, m_rank), gradX.narrow(1, 0, m_inputs));
    run({.a = rowsOf(gradOut), .inner = m_up.view(), .projected = rowsOf(gradX.narrow(1, m_inputs, m_rank)), .b = {}, .out = {}, .addend = {}}, gradOut.size(0));
}

void PackedLinear::backwardBase(const at::Tensor& gradOut, const at::Tensor& gradX) const
{
    backward(gradOut, gradX, true);
    auto base = m_backward.view();
    base.rows = m_outputs;  // A's rows behind W meet columns that packing fills with zeros
    run({.a = rowsOf(gradOut), .inner = {}, .projected = {}, .b = base, .out = rowsOf(gradX), .addend = {}}, gradOut.size(0));
}

void PackedLinear::addGradient(const at::Tensor& g, const at::Tensor& x, double scale, const at::Tensor& gradient)
{
    const kernels::AmxGradient task {g.size(0), g.size(1), rowsOf(g), rowsOf(x), static_cast<float>(scale), gradient.data_ptr<float>(), gradient.stride(0), gradient.stride(1)};
    const auto threads = static_cast<std::int64_t>(at::get_num_threads()), columns = gradient.size(1);
    const auto panels = blocksOf(columns);
    at::parallel_for(0, panels, std::max<std::int64_t>(1, (panels + threads - 1) / threads), [&](std::int64_t begin, std::int64_t end) {
        const auto first = begin * 32, last = std::min(end * 32, columns);
        const kernels::AlignedRoom scratch(kernels::amxScratchBytes(task, last - first));
        kernels::amxGradient(first, last, task, scratch.data());
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
    run({.a = rowsOf(x), .inner = {}, .projected = {}, .b = m_forward.view(), .out = rowsOf(out), .addend = {}}, x.size(0));
}

void PackedHead::gradient(const at::Tensor& gradLogits, const at::Tensor& gradX) const
{
    run({.a = rowsOf(gradLogits), .inner = {}, .projected = {}, .b = m_backward.view(), .out = rowsOf(gradX), .addend = {}}, gradLogits.size(0));
}

}
