// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/blocks/head.h"

#include "model/kernels/amx_tiles.h"
#include "model/products.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

namespace attune::model {

namespace {

constexpr std::int64_t kFewRows = 256, kManyRows = 1024, kManyBytes = std::int64_t(96) << 20;

}

Head::Head(std::unique_ptr<Norm> norm, at::Tensor weight, Parameter* master)
    : m_norm(std::move(norm))
    , m_weight(std::move(weight))
    , m_master(master)
{
}

void Head::pack()
{
    const auto type = m_weight.scalar_type();
    if (!m_packed && !m_master && (PackedLinear::serves(type, type, m_weight.device()) || PackedLinear::servesFloat32(m_weight)))
        m_packed = std::make_unique<PackedLinear>(m_weight, 0);
}

/// Where the matrix is put in the tile units' order for every product, and its gradient is summed up in memory, more rows at a time
/// are worth their memory (planner/memory.cpp counts them).
std::int64_t Head::rowsAtATime() const
{
    if (m_packed || !m_weight.is_cpu() || !kernels::hasAmx())
        return kFewRows;
    return std::clamp(kManyBytes / static_cast<std::int64_t>(m_weight.size(0) * m_weight.element_size()) / kFewRows * kFewRows, kFewRows, kManyRows);
}

void Head::settleGradient()
{
    if (m_overwrites)
        m_master->grad.zero_();
    m_overwrites = false;
}

void Head::logitsOf(const at::Tensor& normed, const at::Tensor& out) const
{
    if (m_packed)
        m_packed->forwardRows(normed, out, {}, true);
    else
        product(out, normed, m_weight.t());
}

at::Tensor Head::loss(const at::Tensor& x, const at::Tensor& targets, Workspace& workspace)
{
    const auto M = x.size(0), V = m_weight.size(0), atATime = rowsAtATime();
    const auto normed = workspace.headNormed.take(M, x.size(1), x.options());
    m_norm->forward(x, normed);
    const auto losses = workspace.losses.take(1, M, x.options().dtype(at::kFloat)).view({M});
    for (std::int64_t begin = 0; begin < M; begin += atATime) {
        const auto rows = std::min(atATime, M - begin);
        const auto logits = workspace.headLogits.take(rows, V, x.options());
        logitsOf(normed.narrow(0, begin, rows), logits);
        kernels::crossEntropy(logits, targets.narrow(0, begin, rows), losses.narrow(0, begin, rows));
    }
    return losses.sum();
}

at::Tensor Head::lossBackward(const at::Tensor& x, const at::Tensor& targets, const at::Tensor& gradScale, Workspace& workspace, const at::Tensor& gradX)
{
    const auto M = x.size(0), V = m_weight.size(0), atATime = rowsAtATime();
    const auto normed = workspace.headNormed.take(M, x.size(1), x.options());
    const auto gradNormed = workspace.headGrad.take(M, x.size(1), x.options());
    m_norm->forward(x, normed);
    const auto losses = workspace.losses.take(1, M, x.options().dtype(at::kFloat)).view({M});
    for (std::int64_t begin = 0; begin < M; begin += atATime) {
        const auto rows = std::min(atATime, M - begin);
        const auto logits = workspace.headLogits.take(rows, V, x.options());
        logitsOf(normed.narrow(0, begin, rows), logits);
        kernels::crossEntropyBackward(logits, targets.narrow(0, begin, rows), gradScale, losses.narrow(0, begin, rows));
        if (m_packed)
            m_packed->backwardBase(logits, gradNormed.narrow(0, begin, rows));
        else
            product(gradNormed.narrow(0, begin, rows), logits, m_weight);
        if (m_master)
            addScaledProduct(m_master->grad, logits.t(), normed.narrow(0, begin, rows), 1.0, !std::exchange(m_overwrites, false));
    }
    at::Tensor(gradX).zero_();
    m_norm->backward(gradNormed, x, gradX);
    return losses.sum();
}

at::Tensor Head::logits(const at::Tensor& x, Workspace& workspace)
{
    const auto M = x.size(0), V = m_weight.size(0), atATime = rowsAtATime();
    const auto normed = workspace.headNormed.take(M, x.size(1), x.options());
    m_norm->forward(x, normed);
    auto result = at::empty({M, V}, x.options().dtype(at::kFloat));
    if (x.scalar_type() == at::kFloat) {
        product(result, normed, m_weight.t());
        return result;
    }
    for (std::int64_t begin = 0; begin < M; begin += atATime) {
        const auto rows = std::min(atATime, M - begin);
        const auto chunk = workspace.headLogits.take(rows, V, x.options());
        logitsOf(normed.narrow(0, begin, rows), chunk);
        result.narrow(0, begin, rows).copy_(chunk);
    }
    return result;
}

}
