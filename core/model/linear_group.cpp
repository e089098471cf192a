// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/linear_group.h"

#include "model/kernels/kernels.h"
#include "model/products.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

namespace attune::model {

namespace {

std::unique_ptr<Parameter> master(const std::string& name, const at::Tensor& value, bool decays)
{
    auto parameter = std::make_unique<Parameter>();
    parameter->name = name;
    parameter->value = value.to(at::kFloat, false, true).contiguous();
    parameter->grad = at::zeros_like(parameter->value);
    parameter->decays = decays;
    return parameter;
}

}

LinearGroup::LinearGroup(std::uint64_t id, std::vector<Member> members, at::ScalarType stored, at::ScalarType compute, at::Device device, bool isTrained,
    std::shared_ptr<Buffer> expanded)
    : m_id(id)
    , m_inputs(members.front().in)
    , m_compute(compute)
    , m_device(device)
    , m_expanded(std::move(expanded))
{
    for (const auto& member : members)
        m_outputs += member.out;
    const auto options = at::TensorOptions().device(device);
    if (!members.front().source)
        m_weight = at::empty({m_outputs, m_inputs}, options.dtype(isTrained ? compute : stored));
    std::int64_t row = 0;
    for (auto& member : members) {
        Linear linear {member.name, member.role, member.layer, row, member.out, member.bias.defined(), nullptr, nullptr, nullptr};
        if (member.source)
            m_sources.push_back(member.source);
        else
            m_weight.narrow(0, row, linear.out).copy_(member.weight);
        if (linear.hasBias && !m_bias.defined())
            m_bias = at::zeros({m_outputs}, options.dtype(compute));
        if (linear.hasBias)
            m_bias.narrow(0, row, linear.out).copy_(member.bias);
        if (isTrained) {
            linear.weight = master(member.name + ".weight", member.weight.to(device), true);
            if (compute == at::kBFloat16)
                linear.weight->copy = m_weight.narrow(0, row, linear.out);
            if (compute == at::kFloat)
                linear.weight->value = m_weight.narrow(0, row, linear.out);  // the master is what products read
            if (linear.hasBias)
                linear.bias = master(member.name + ".bias", member.bias.to(device), false);
        }
        row += linear.out;
        member.weight.reset();  // one tensor at a time: never two copies of a whole model
        m_linears.push_back(std::move(linear));
    }
}

/// Distinct masks for the members of a group and for the groups of a model.
std::uint64_t LinearGroup::streamOf(const DropoutState& dropout, const LowRank& adapter) const
{
    return dropout.stream * 0x9e3779b97f4a7c15ULL + (m_id * 4096 + static_cast<std::uint64_t>(adapter.column) + 1) * 0xd1342543de82ef95ULL;
}

bool LinearGroup::drops(const DropoutState& dropout) const
{
    return dropout.isActive && std::ranges::any_of(m_linears, [](const Linear& l) { return l.adapter && l.adapter->dropout > 0; });
}

bool LinearGroup::isTrained() const
{
    for (const auto& linear : m_linears) {
        if (linear.weight || (linear.adapter && linear.adapter->isTrained))
            return true;
    }
    return false;
}

/// [N, K + R], until the next group needs the room.
at::Tensor LinearGroup::expandedWeight()
{
    const auto whole = m_expanded->take(m_outputs, m_inputs + m_rank, at::TensorOptions().device(m_device).dtype(m_compute));
    for (std::size_t i = 0; i < m_sources.size(); ++i)
        m_sources[i]->expand(whole.narrow(0, m_linears[i].row, m_linears[i].out).narrow(1, 0, m_inputs));
    if (m_rank > 0)
        whole.narrow(1, m_inputs, m_rank).copy_(m_up);
    return whole;
}

at::Tensor LinearGroup::usableWeight()
{
    if (!m_sources.empty())
        return expandedWeight();
    if (m_weight.scalar_type() == m_compute)
        return m_weight;
    const auto base = m_weight.to(m_compute);
    return m_rank > 0 ? at::cat({base, m_up}, 1) : base;
}

void LinearGroup::project(const at::Tensor& x, const DropoutState& dropout, const at::Tensor& scratch) const
{
    if (m_rank == 0)
        return;
    const auto input = x.narrow(1, 0, m_inputs);
    if (!drops(dropout)) {
        if (m_packed)
            m_packed->project(x);
        else
            product(x.narrow(1, m_inputs, m_rank), input, m_down.t());
        return;
    }
    for (const auto& linear : m_linears) {
        if (!linear.adapter)
            continue;
        const auto& adapter = *linear.adapter;
        kernels::dropout(input, adapter.dropout, streamOf(dropout, adapter), scratch);
        product(x.narrow(1, m_inputs + adapter.column, adapter.rank()), scratch, m_down.narrow(0, adapter.column, adapter.rank()).t());
    }
}

void LinearGroup::forward(const at::Tensor& x, const at::Tensor& out, const at::Tensor& addend, const DropoutState& dropout, const at::Tensor& scratch)
{
    const bool isDropping = drops(dropout);
    if (isDropping || !m_packed)
        project(x, dropout, scratch);
    if (m_packed)
        m_packed->forwardRows(x, out, addend, isDropping);
    else if (addend.defined())
        addProduct(out, addend, x, usableWeight().t());
    else
        product(out, x, usableWeight().t());
    if (m_bias.defined())
        at::Tensor(out).add_(m_bias);
}

void LinearGroup::backward(const at::Tensor& gradOut, const at::Tensor& x, const at::Tensor& gradX, InputGradient wanted,
    const DropoutState& dropout, const at::Tensor& scratch)
{
    const bool wantsInput = wanted == InputGradient::Wanted;
    if (m_packed) {
        // Without dropout A's part of dL/dx comes with the product; else it is added below.
        if (wantsInput && m_rank > 0 && drops(dropout))
            m_packed->backwardBase(gradOut, gradX);
        else if (wantsInput || m_rank > 0)
            m_packed->backward(gradOut, gradX, !wantsInput);
    } else {
        const auto weight = usableWeight();
        if (wantsInput)
            product(gradX, gradOut, weight);
        else if (m_rank > 0)
            product(gradX.narrow(1, m_inputs, m_rank), gradOut, weight.narrow(1, m_inputs, m_rank));
        addBaseGradients(gradOut, x.narrow(1, 0, m_inputs));
    }
    if (m_rank > 0)
        addLowRankGradients(gradOut, x, gradX, wanted, dropout, scratch);
}

void LinearGroup::backwardInput(const at::Tensor& gradOut, const at::Tensor& gradX)
{
    if (m_packed)
        m_packed->backwardBase(gradOut, gradX);
    else
        product(gradX, gradOut, usableWeight());
}

void LinearGroup::addAdapterGradients(const at::Tensor& gradOut, const at::Tensor& x, const at::Tensor& low, const at::Tensor& gradLow)
{
    // In tiles a member's outputs are whole blocks.
    const std::int64_t unit = gradOut.dim() == 4 ? 32 : 1;
    for (auto& linear : m_linears) {
        if (!linear.adapter || !linear.adapter->isTrained)
            continue;
        auto& adapter = *linear.adapter;
        const auto own = [&](const at::Tensor& ranks) { return ranks.narrow(1, adapter.column, adapter.rank()); };
        addProductGradient(own(low), gradOut.narrow(1, linear.row / unit, linear.out / unit), adapter.scaling, adapter.b.grad.t());
        addProductGradient(own(gradLow), x, 1.0, adapter.a.grad);
    }
}

void LinearGroup::addLowRankGradients(const at::Tensor& gradOut, const at::Tensor& x, const at::Tensor& gradX, InputGradient wanted,
    const DropoutState& dropout, const at::Tensor& scratch)
{
    const auto input = x.narrow(1, 0, m_inputs);
    const auto gradDown = gradX.narrow(1, m_inputs, m_rank);  // [T, R]
    const auto projected = x.narrow(1, m_inputs, m_rank);
    if (!drops(dropout)) {
        if (!m_packed && wanted == InputGradient::Wanted)
            addProduct(gradX.narrow(1, 0, m_inputs), gradX.narrow(1, 0, m_inputs), gradDown, m_down);
        addAdapterGradients(gradOut, input, projected, gradDown);
        return;
    }
    for (auto& linear : m_linears) {
        if (!linear.adapter)
            continue;
        auto& adapter = *linear.adapter;
        const auto column = adapter.column, rank = adapter.rank();
        const auto own = gradDown.narrow(1, column, rank);
        const auto stream = streamOf(dropout, adapter);
        kernels::dropout(input, adapter.dropout, stream, scratch);
        if (adapter.isTrained) {
            addProductGradient(projected.narrow(1, column, rank), gradOut.narrow(1, linear.row, linear.out), adapter.scaling, adapter.b.grad.t());
            addProductGradient(own, scratch, 1.0, adapter.a.grad);
        }
        if (wanted == InputGradient::Wanted) {
            product(scratch, own, m_down.narrow(0, column, rank));
            kernels::dropout(scratch, adapter.dropout, stream, scratch);
            gradX.narrow(1, 0, m_inputs).add_(scratch);
        }
    }
}

/// gradient [r, C] += scale · gᵀ x; gradient may be a transposed view.
void LinearGroup::addProductGradient(const at::Tensor& g, const at::Tensor& x, double scale, const at::Tensor& gradient) const
{
    if (m_packed && m_compute == at::kBFloat16)
        PackedLinear::addGradient(g, x, scale, gradient);
    else
        addScaledProduct(gradient, g.t(), x, scale);
}

void LinearGroup::addBaseGradients(const at::Tensor& gradOut, const at::Tensor& input)
{
    for (auto& linear : m_linears) {
        if (!linear.weight)
            continue;
        const auto grad = gradOut.narrow(1, linear.row, linear.out);
        addScaledProduct(linear.weight->grad, grad.t(), input, 1.0, !m_overwrites);
        if (linear.bias)
            linear.bias->grad.add_(grad.sum(0, false, at::kFloat));
    }
    m_overwrites = false;
}

void LinearGroup::settleGradients()
{
    for (auto& linear : m_linears)
        if (linear.weight && m_overwrites)
            linear.weight->grad.zero_();
    m_overwrites = false;
}

/// Into the order of the tile units, where they serve and nothing of the base trains. The ordinary copy goes.
void LinearGroup::pack(bool isForTraining)
{
    const bool isFrozen = std::ranges::none_of(m_linears, [](const Linear& l) { return l.weight != nullptr; });
    if (m_packed || !m_sources.empty() || !isFrozen)
        return;
    const bool serves = PackedLinear::serves(m_weight.scalar_type(), m_compute, m_device)
        || (isForTraining && m_compute == at::kFloat && PackedLinear::servesFloat32(m_weight.narrow(1, 0, m_inputs)));
    if (!serves)
        return;
    m_packed = std::make_unique<PackedLinear>(m_weight.narrow(1, 0, m_inputs), m_rank);
    m_weight.reset();
}

void LinearGroup::unpack()
{
    if (!m_packed)
        return;
    m_weight = m_packed->weight(0, m_outputs);
    m_packed.reset();
}

void LinearGroup::growTo(std::int64_t rank)
{
    unpack();
    const auto compute = at::TensorOptions().device(m_device).dtype(m_compute);
    if (m_sources.empty() && m_weight.scalar_type() == m_compute) {
        auto wider = at::zeros({m_outputs, m_inputs + rank}, compute);
        wider.narrow(1, 0, m_inputs).copy_(m_weight.narrow(1, 0, m_inputs));
        m_weight = wider;
        for (auto& linear : m_linears)
            if (linear.weight)
                linear.weight->copy.reset();  // its rows have others' columns between them now
    } else {
        m_up = at::zeros({m_outputs, rank}, compute);
    }
    m_down = at::zeros({rank, m_inputs}, compute);
    m_rank = rank;
}

void LinearGroup::setAdapter(std::size_t member, std::unique_ptr<LowRank> adapter)
{
    m_linears.at(member).adapter = std::move(adapter);
    std::int64_t rank = 0;
    for (auto& linear : m_linears) {
        if (linear.adapter) {
            linear.adapter->column = rank;
            rank += linear.adapter->rank();
        }
    }
    growTo(rank);
}

void LinearGroup::prepareTraining(double adapterScale)
{
    const bool wasPacked = m_packed != nullptr;
    pack(true);
    if (!wasPacked && m_packed)
        refresh(adapterScale);
}

void LinearGroup::refresh(double adapterScale)
{
    pack(false);
    const auto up = m_rank == 0 || m_packed ? at::Tensor() : m_up.defined() ? m_up : m_weight.narrow(1, m_inputs, m_rank);
    for (auto& linear : m_linears) {
        if (linear.weight && m_compute != at::kFloat && !std::exchange(linear.weight->isCopied, false))
            m_weight.narrow(0, linear.row, linear.out).narrow(1, 0, m_inputs).copy_(linear.weight->value);
        if (linear.bias)
            m_bias.narrow(0, linear.row, linear.out).copy_(linear.bias->value);
        if (!linear.adapter)
            continue;
        const auto& adapter = *linear.adapter;
        const auto down = m_down.narrow(0, adapter.column, adapter.rank());
        down.copy_(adapter.a.value);
        if (m_packed)
            m_packed->setLowRank(down, (adapter.b.value * (adapter.scaling * adapterScale)).to(m_compute), adapter.column, linear.row);
        else
            up.narrow(0, linear.row, linear.out).narrow(1, adapter.column, adapter.rank()).copy_(adapter.b.value * (adapter.scaling * adapterScale));
    }
}

/// The frozen values of a member, float32.
at::Tensor LinearGroup::baseWeight(const Linear& linear) const
{
    if (!m_sources.empty())
        return m_sources[static_cast<std::size_t>(&linear - m_linears.data())]->weight(at::kFloat);
    const auto rows = m_packed ? m_packed->weight(linear.row, linear.out) : m_weight.narrow(0, linear.row, linear.out).narrow(1, 0, m_inputs);
    return rows.to(at::kFloat, false, true);
}

at::Tensor LinearGroup::weightOf(const Linear& linear, double adapterScale) const
{
    auto weight = linear.weight ? linear.weight->value.clone() : baseWeight(linear);
    if (linear.adapter)
        weight.addmm_(linear.adapter->b.value, linear.adapter->a.value, 1.0, linear.adapter->scaling * adapterScale);
    return weight.contiguous();
}

at::Tensor LinearGroup::biasOf(const Linear& linear) const
{
    return linear.bias ? linear.bias->value : m_bias.narrow(0, linear.row, linear.out).to(at::kFloat);
}

void LinearGroup::appendParameters(std::vector<Parameter*>& parameters)
{
    for (auto& linear : m_linears) {
        if (linear.adapter && linear.adapter->isTrained) {
            parameters.push_back(&linear.adapter->a);
            parameters.push_back(&linear.adapter->b);
        }
        if (linear.weight)
            parameters.push_back(linear.weight.get());
        if (linear.bias)
            parameters.push_back(linear.bias.get());
    }
}

}
