// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/blocks/mlp_block.h"

#include <ATen/ATen.h>

namespace attune::model {

MlpBlock::MlpBlock(std::unique_ptr<Norm> norm, std::unique_ptr<LinearGroup> gateUp, std::unique_ptr<LinearGroup> down)
    : m_norm(std::move(norm))
    , m_gateUp(std::move(gateUp))
    , m_down(std::move(down))
{
}

void MlpBlock::forward(const Piece& piece, LayerState& state, Workspace& workspace, const at::Tensor& out)
{
    const auto M = state.h.size(0);
    const auto options = state.h.options();
    const auto scratch = [&](const LinearGroup& group) { return piece.dropout.isActive ? workspace.dropped.take(M, group.inputs(), options) : at::Tensor(); };
    const auto normed = workspace.normed.take(M, m_gateUp->width(), options);
    m_norm->forward(state.h, normed.narrow(1, 0, m_gateUp->inputs()));
    state.gates = state.gateUp.take(M, m_gateUp->outputs(), options);
    m_gateUp->forward(normed, state.gates, false, piece.dropout, scratch(*m_gateUp));

    const auto hidden = workspace.hidden.take(M, m_down->width(), options);
    kernels::swiglu(state.gates, hidden.narrow(1, 0, m_down->inputs()));
    out.copy_(state.h);
    m_down->forward(hidden, out, true, piece.dropout, scratch(*m_down));
}

void MlpBlock::backward(const Piece& piece, LayerState& state, Workspace& workspace, const at::Tensor& grad)
{
    const auto M = state.h.size(0);
    const auto options = state.h.options();
    const auto scratch = [&](const LinearGroup& group) { return piece.dropout.isActive ? workspace.dropped.take(M, group.inputs(), options) : at::Tensor(); };
    const auto hidden = workspace.hidden.take(M, m_down->width(), options);
    kernels::swiglu(state.gates, hidden.narrow(1, 0, m_down->inputs()));
    m_down->project(hidden, piece.dropout, scratch(*m_down));
    const auto gradHidden = workspace.gradHidden.take(M, m_down->width(), options);
    m_down->backward(grad, hidden, gradHidden, LinearGroup::InputGradient::Wanted, piece.dropout, scratch(*m_down));
    kernels::swigluBackward(gradHidden.narrow(1, 0, m_down->inputs()), state.gates);

    const auto normed = workspace.normed.take(M, m_gateUp->width(), options);
    m_norm->forward(state.h, normed.narrow(1, 0, m_gateUp->inputs()));
    m_gateUp->project(normed, piece.dropout, scratch(*m_gateUp));
    const auto gradNormed = workspace.gradNormed.take(M, m_gateUp->width(), options);
    m_gateUp->backward(state.gates, normed, gradNormed, LinearGroup::InputGradient::Wanted, piece.dropout, scratch(*m_gateUp));
    m_norm->backward(gradNormed.narrow(1, 0, m_gateUp->inputs()), state.h, grad);
}

}
