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
using kernels::AmxRows;
using kernels::PackedMatrix;

template<typename Value>
Value* valuesOf(const at::Tensor& x)
{
    return static_cast<Value*>(x.data_ptr());
}

bool isFloat32(const at::Tensor& x)
{
    return x.scalar_type() == at::kFloat;
}

/// [T, C] by rows, or [S, blocks, 32, 32] tiled.
AmxRows rowsOf(const at::Tensor& x)
{
    return x.dim() == 4 ? AmxRows {x.data_ptr(), 0, x.stride(0) / 1024} : AmxRows {x.data_ptr(), x.stride(0)};
}

AmxRows rowsIfAny(const at::Tensor& x)
{
    return x.defined() ? rowsOf(x) : AmxRows {};
}

}

bool PackedLinear::serves(at::ScalarType stored, at::ScalarType compute, at::Device device)
{
    return device.is_cpu() && stored == at::kBFloat16 && compute == at::kBFloat16 && kernels::hasPairs();
}

bool PackedLinear::servesFloat32(const at::Tensor& weight)
{
    if (!weight.device().is_cpu() || !isFloat32(weight) || !kernels::hasAmx())
        return false;
    for (std::int64_t row = 0; row < weight.size(0); ++row) {
        const auto* bits = valuesOf<const std::uint32_t>(weight) + row * weight.stride(0);
        std::uint32_t rest = 0;
        for (std::int64_t i = 0; i < weight.size(1); ++i)
            rest |= bits[i];
        if ((rest & 0xffff) != 0)
            return false;
    }
    return true;
}

PackedLinear::PackedLinear(const at::Tensor& weight, std::int64_t rank)
    : m_type(weight.scalar_type())
    , m_inputs(weight.size(1))
    , m_outputs(weight.size(0))
    , m_rank(rank)
    , m_forward(room(m_inputs + rank, m_outputs, m_inputs))
    , m_backward(room(m_outputs + rank, m_inputs, m_outputs))
    , m_down(rank > 0 ? room(m_inputs, rank, 0) : PackedMatrix())
    , m_up(rank > 0 ? room(m_outputs, rank, 0) : PackedMatrix())
{
    m_type == at::kFloat ? putWeight<float>(weight) : putWeight<std::uint16_t>(weight);
}

PackedMatrix PackedLinear::room(std::int64_t rows, std::int64_t columns, std::int64_t exact) const
{
    return m_type == at::kFloat ? PackedMatrix::ofFloat32(rows, columns, exact) : PackedMatrix(rows, columns);
}

template<typename Value>
void PackedLinear::putWeight(const at::Tensor& weight)
{
    at::parallel_for(0, blocksOf(m_outputs), 1, [&](std::int64_t begin, std::int64_t end) {
        const auto first = begin * 32, count = std::min(end * 32, m_outputs) - first;
        const auto* values = valuesOf<const Value>(weight) + first * weight.stride(0);
        m_forward.put(0, m_inputs, first, count, values, 1, weight.stride(0));
        m_backward.put(first, count, 0, m_inputs, values, weight.stride(0), 1);
    });
}

void PackedLinear::setLowRank(const at::Tensor& a, const at::Tensor& b, std::int64_t column, std::int64_t row)
{
    m_type == at::kFloat ? putLowRank<float>(a, b, column, row) : putLowRank<std::uint16_t>(a, b, column, row);
}

template<typename Value>
void PackedLinear::putLowRank(const at::Tensor& a, const at::Tensor& b, std::int64_t column, std::int64_t row)
{
    const auto r = a.size(0), out = b.size(0);
    const auto *down = valuesOf<const Value>(a), *up = valuesOf<const Value>(b);
    m_down.put(0, m_inputs, column, r, down, 1, a.stride(0));
    m_backward.put(m_outputs + column, r, 0, m_inputs, down, a.stride(0), 1);
    m_forward.put(m_inputs + column, r, row, out, up, 1, b.stride(0));
    m_up.put(row, out, column, r, up, b.stride(0), 1);
}

at::Tensor PackedLinear::weight(std::int64_t row, std::int64_t rows) const
{
    const auto result = at::empty({rows, m_inputs}, m_type);
    if (m_type == at::kFloat)
        m_backward.get(row, rows, 0, m_inputs, valuesOf<float>(result), m_inputs, 1);
    else
        m_backward.get(row, rows, 0, m_inputs, valuesOf<std::uint16_t>(result), m_inputs, 1);
    return result;
}

/// Rows over the threads, in multiples of what a tile block holds. A few rows (an answer's next token) would leave
/// threads idle: then, and for very wide results, the columns are dealt out instead.
void PackedLinear::run(AmxOperands operands, std::int64_t rows) const
{
    operands.isFloat32 = m_type == at::kFloat;
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

void PackedLinear::forward(const at::Tensor& x, const at::Tensor& low, const at::Tensor& out, const at::Tensor& addend) const
{
    AmxOperands operands {.a = rowsOf(x), .inner = {}, .projected = {}, .b = m_forward.view(), .out = rowsOf(out), .addend = rowsIfAny(addend)};
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

void PackedLinear::forwardRows(const at::Tensor& x, const at::Tensor& out, const at::Tensor& addend, bool isProjected) const
{
    if (!isProjected && x.size(0) >= kFewRows)
        return forward(x.narrow(1, 0, m_inputs), x.narrow(1, m_inputs, m_rank), out, addend);
    if (!isProjected && m_rank > 0)
        project(x);
    run({.a = rowsOf(x), .inner = {}, .projected = {}, .b = m_forward.view(), .out = rowsOf(out), .addend = rowsIfAny(addend)}, x.size(0));
}

void PackedLinear::backward(const at::Tensor& gradOut, const at::Tensor& gradX, bool isLowRankOnly) const
{
    if (!isLowRankOnly)
        return backward(gradOut, gradX.narrow(1, m_inputs, m_rank), gradX.narrow(1, 0, m_inputs));
    run({.a = rowsOf(gradOut), .inner = m_up.view(), .projected = rowsOf(gradX.narrow(1, m_inputs, m_rank)), .b = {}, .out = {}, .addend = {}}, gradOut.size(0));
}

void PackedLinear::backwardBase(const at::Tensor& gradOut, const at::Tensor& gradX) const
{
    if (m_rank > 0)
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

}
