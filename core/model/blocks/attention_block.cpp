// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/blocks/attention_block.h"

#include <ATen/ATen.h>

namespace attune::model {

AttentionBlock::AttentionBlock(const families::ModelSpec& spec, std::unique_ptr<Norm> norm, std::unique_ptr<LinearGroup> qkv, std::unique_ptr<LinearGroup> out)
    : m_queryWidth(spec.queryWidth())
    , m_kvWidth(spec.kvWidth())
    , m_heads(spec.heads)
    , m_kvHeads(spec.kvHeads)
    , m_norm(std::move(norm))
    , m_qkv(std::move(qkv))
    , m_out(std::move(out))
{
}

void AttentionBlock::forward(const Piece& piece, LayerState& state, Workspace& workspace, const LayerCache* cache, std::int64_t cached)
{
    const auto T = state.x.size(0);
    const auto options = state.x.options();
    const auto normed = workspace.normed.take(T, m_qkv->width(), options);
    const auto dropped = piece.dropout.isActive ? workspace.dropped.take(T, m_qkv->inputs(), options) : at::Tensor();
    m_norm->forward(state.x, normed.narrow(1, 0, m_qkv->inputs()));
    state.projected = state.qkv.take(T, m_qkv->outputs(), options);
    m_qkv->forward(normed, state.projected, false, piece.dropout, dropped);
    kernels::rotary(state.projected.narrow(1, 0, m_queryWidth + m_kvWidth), m_heads + m_kvHeads, piece.table, piece.positions, kernels::Rotation::Forward);

    const auto q = state.projected.narrow(1, 0, m_queryWidth);
    auto k = state.projected.narrow(1, m_queryWidth, m_kvWidth);
    auto v = state.projected.narrow(1, m_queryWidth + m_kvWidth, m_kvWidth);
    if (cache) {
        cache->keys.narrow(0, cached, T).copy_(k);
        cache->values.narrow(0, cached, T).copy_(v);
        k = cache->keys;
        v = cache->values;
    }
    state.attended = state.mixed.take(T, m_out->width(), options);
    state.lse = state.logSumExp.take(m_heads, T, options.dtype(at::kFloat));
    kernels::attention(q, k, v, piece.attention, state.attended.narrow(1, 0, m_queryWidth), state.lse);

    // In the last layer only the rows that a loss needs go on.
    state.picked = state.attended;
    if (piece.onlyTargets) {
        state.picked = state.selected.take(piece.trained, m_out->width(), options);
        at::index_select_out(state.picked, state.attended, 0, piece.targetRows);
        state.h = state.middle.take(piece.trained, state.x.size(1), options);
        at::index_select_out(state.h, state.x, 0, piece.targetRows);
    } else {
        state.h = state.middle.take(T, state.x.size(1), options);
        state.h.copy_(state.x);
    }
    const auto droppedMixed = piece.dropout.isActive ? workspace.dropped.take(state.picked.size(0), m_out->inputs(), options) : at::Tensor();
    m_out->forward(state.picked, state.h, true, piece.dropout, droppedMixed);
}

void AttentionBlock::backward(const Piece& piece, LayerState& state, Workspace& workspace, const at::Tensor& gradH, const at::Tensor& gradX,
    LinearGroup::InputGradient wanted)
{
    const auto T = state.x.size(0), M = gradH.size(0);
    const auto options = state.x.options();
    const auto dropped = piece.dropout.isActive ? workspace.dropped.take(T, std::max(m_qkv->inputs(), m_out->inputs()), options) : at::Tensor();
    const auto scratch = [&](const LinearGroup& group, std::int64_t rows) { return dropped.defined() ? workspace.dropped.take(rows, group.inputs(), options) : at::Tensor(); };

    const auto gradPicked = workspace.gradAttended.take(M, m_out->width(), options);
    m_out->backward(gradH, state.picked, gradPicked, LinearGroup::InputGradient::Wanted, piece.dropout, scratch(*m_out, M));
    auto gradMixed = gradPicked.narrow(1, 0, m_queryWidth);
    if (piece.onlyTargets) {
        const auto all = workspace.gradMixed.take(T, m_queryWidth, options).zero_();
        gradMixed = all.index_copy_(0, piece.targetRows, gradMixed);
    }

    const auto gradQkv = workspace.gradQkv.take(T, m_qkv->outputs(), options);
    const auto part = [&](const at::Tensor& x, int index) { return index == 0 ? x.narrow(1, 0, m_queryWidth) : x.narrow(1, m_queryWidth + (index - 1) * m_kvWidth, m_kvWidth); };
    kernels::attentionBackward(gradMixed, part(state.projected, 0), part(state.projected, 1), part(state.projected, 2),
        state.attended.narrow(1, 0, m_queryWidth), state.lse, piece.attention, part(gradQkv, 0), part(gradQkv, 1), part(gradQkv, 2));
    kernels::rotary(gradQkv.narrow(1, 0, m_queryWidth + m_kvWidth), m_heads + m_kvHeads, piece.table, piece.positions, kernels::Rotation::Inverse);

    const auto normed = workspace.normed.take(T, m_qkv->width(), options);
    m_norm->forward(state.x, normed.narrow(1, 0, m_qkv->inputs()));
    m_qkv->project(normed, piece.dropout, scratch(*m_qkv, T));
    const auto gradNormed = workspace.gradNormed.take(T, m_qkv->width(), options);
    const bool needsInput = wanted == LinearGroup::InputGradient::Wanted;
    m_qkv->backward(gradQkv, normed, gradNormed, wanted, piece.dropout, scratch(*m_qkv, T));
    if (!needsInput)
        return;
    if (piece.onlyTargets)
        at::Tensor(gradX).zero_().index_copy_(0, piece.targetRows, gradH);
    else if (!gradX.is_same(gradH))
        gradX.copy_(gradH);
    m_norm->backward(gradNormed.narrow(1, 0, m_qkv->inputs()), state.x, gradX);
}

}
