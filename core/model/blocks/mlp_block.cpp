// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/blocks/mlp_block.h"

#include <ATen/ATen.h>

namespace attune::model {

namespace {

/// [S, blocks, 32, 32] for these rows, with room for what lies behind the columns. float32 stays in rows, [rows, columns].
at::Tensor tilesOf(Buffer& buffer, std::int64_t rows, std::int64_t columns, std::int64_t behind, const at::TensorOptions& options)
{
    if (options.dtype() == at::kFloat)
        return buffer.take(rows, columns, options);
    const auto slices = (rows + 31) / 32, blocks = columns / 32 + PackedLinear::blocksOf(behind);
    return buffer.take(slices * 32, blocks * 32, options).view({slices, blocks, 32, 32});
}

/// The same as rows of slices: what works value by value need not know of tiles.
at::Tensor valuesOf(const at::Tensor& tiles, std::int64_t columns)
{
    if (tiles.dim() == 2)
        return tiles;
    return tiles.view({tiles.size(0), -1}).narrow(1, 0, columns * 32);
}

}

MlpBlock::MlpBlock(std::unique_ptr<Norm> norm, std::unique_ptr<LinearGroup> gateUp, std::unique_ptr<LinearGroup> down)
    : m_norm(std::move(norm))
    , m_gateUp(std::move(gateUp))
    , m_down(std::move(down))
{
}

void MlpBlock::forward(const Piece& piece, LayerState& state, Workspace& workspace, const at::Tensor& out)
{
    const auto M = state.h.size(0);
    if (isTiled(piece, M))
        return forwardTiled(state, workspace, out);
    const auto options = state.h.options();
    activate(piece, state, workspace);
    const auto hidden = workspace.hidden.take(M, m_down->width(), options);
    kernels::swiglu(state.gates, hidden.narrow(1, 0, m_down->inputs()));
    m_down->forward(hidden, out, state.h, piece.dropout, piece.dropout.isActive ? workspace.dropped.take(M, m_down->inputs(), options) : at::Tensor());
}

/// Gate and up of the normalised rows.
void MlpBlock::activate(const Piece& piece, LayerState& state, Workspace& workspace)
{
    const auto M = state.h.size(0);
    const auto options = state.h.options();
    const auto normed = workspace.normed.take(M, m_gateUp->width(), options);
    m_norm->forward(state.h, normed.narrow(1, 0, m_gateUp->inputs()));
    state.gates = state.gateUp.take(M, m_gateUp->outputs(), options);
    m_gateUp->forward(normed, state.gates, {}, piece.dropout, piece.dropout.isActive ? workspace.dropped.take(M, m_gateUp->inputs(), options) : at::Tensor());
}

void MlpBlock::recompute(const Piece& piece, LayerState& state, Workspace& workspace)
{
    const auto M = state.h.size(0);
    if (isTiled(piece, M))  // the adapter's part comes with the last product
        forwardTiled(state, workspace, workspace.headRows.take(M, state.h.size(1), state.h.options()));
    else
        activate(piece, state, workspace);
}

void MlpBlock::backward(const Piece& piece, LayerState& state, Workspace& workspace, const at::Tensor& grad)
{
    const auto M = state.h.size(0);
    if (isTiled(piece, M))
        return backwardTiled(state, workspace, grad);
    const auto options = state.h.options();
    const auto scratch = [&](const LinearGroup& group) { return piece.dropout.isActive ? workspace.dropped.take(M, group.inputs(), options) : at::Tensor(); };
    const auto gradHidden = workspace.gradHidden.take(M, m_down->width(), options);
    if (m_down->rank() == 0 && grad.is_cpu()) {
        // Without an adapter x is not needed before dL/dx is: it comes back on the way, not in a pass of its own.
        m_down->backwardInput(grad, gradHidden);
        kernels::swigluBackward(gradHidden, state.gates, true);
        m_down->addBaseGradients(grad, gradHidden);
    } else {
        const auto hidden = workspace.hidden.take(M, m_down->width(), options);
        kernels::swiglu(state.gates, hidden.narrow(1, 0, m_down->inputs()));
        m_down->project(hidden, piece.dropout, scratch(*m_down));
        m_down->backward(grad, hidden, gradHidden, LinearGroup::InputGradient::Wanted, piece.dropout, scratch(*m_down));
        kernels::swigluBackward(gradHidden.narrow(1, 0, m_down->inputs()), state.gates);
    }

    const auto normed = workspace.normed.take(M, m_gateUp->width(), options);
    m_norm->forward(state.h, normed.narrow(1, 0, m_gateUp->inputs()));
    m_gateUp->project(normed, piece.dropout, scratch(*m_gateUp));
    const auto gradNormed = workspace.gradNormed.take(M, m_gateUp->width(), options);
    m_gateUp->backward(state.gates, normed, gradNormed, LinearGroup::InputGradient::Wanted, piece.dropout, scratch(*m_gateUp));
    m_norm->backward(gradNormed.narrow(1, 0, m_gateUp->inputs()), state.h, grad);
}

bool MlpBlock::isTiled(const Piece& piece, std::int64_t rows) const
{
    return m_gateUp->tiles() && m_down->tiles() && !piece.dropout.isActive && rows >= PackedLinear::kFewRows && m_down->inputs() % 32 == 0 && m_gateUp->outputs() == 2 * m_down->inputs();
}

void MlpBlock::forwardTiled(LayerState& state, Workspace& workspace, const at::Tensor& out)
{
    const auto M = state.h.size(0), F = m_down->inputs();
    const auto options = state.h.options();
    const auto normed = workspace.normed.take(M, m_gateUp->inputs(), options);
    m_norm->forward(state.h, normed);
    state.gates = tilesOf(state.gateUp, M, 2 * F, m_gateUp->rank(), options);
    state.lowUp = state.upLow.take(M, m_gateUp->rank(), options);
    m_gateUp->tiles()->forward(normed, state.lowUp, state.gates, {});

    const auto hidden = tilesOf(workspace.hidden, M, F, m_down->rank(), options);
    kernels::swiglu(valuesOf(state.gates, 2 * F), valuesOf(hidden, F));
    state.lowDown = state.downLow.take(M, m_down->rank(), options);
    m_down->tiles()->forward(hidden, state.lowDown, out, state.h);
}

void MlpBlock::backwardTiled(LayerState& state, Workspace& workspace, const at::Tensor& grad)
{
    const auto M = state.h.size(0), F = m_down->inputs();
    const auto options = state.h.options();
    auto hidden = tilesOf(workspace.hidden, M, F, 0, options);  // its gradient first, then itself
    auto gradLow = workspace.gradLow.take(M, m_down->rank(), options);
    m_down->tiles()->backward(grad, gradLow, hidden);
    kernels::swigluBackward(valuesOf(hidden, F), valuesOf(state.gates, 2 * F), true);
    m_down->addAdapterGradients(grad, hidden, state.lowDown, gradLow);

    const auto normed = workspace.normed.take(M, m_gateUp->inputs(), options), gradNormed = workspace.gradNormed.take(M, m_gateUp->inputs(), options);
    gradLow = workspace.gradLow.take(M, m_gateUp->rank(), options);
    m_gateUp->tiles()->backward(state.gates, gradLow, gradNormed);
    m_norm->forward(state.h, normed);
    m_gateUp->addAdapterGradients(state.gates, normed, state.lowUp, gradLow);
    m_norm->backward(gradNormed, state.h, grad);
}

}
