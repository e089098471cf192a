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

namespace {

/// Adds up what the rows say of their common beginning, and takes the rest as it is: the gradient of keys and values.
void gatherKeys(const Piece& piece, const at::Tensor& expanded, const at::Tensor& out)
{
    const auto shared = piece.shared;
    auto sum = at::zeros({shared, out.size(1)}, out.options().dtype(at::kFloat));
    for (const auto& segment : piece.attention.segments) {
        sum.add_(expanded.narrow(0, segment.key, shared));
        const auto own = segment.keyLength - shared;
        if (own > 0)
            out.narrow(0, segment.query, own).copy_(expanded.narrow(0, segment.key + shared, own));
    }
    out.narrow(0, 0, shared).copy_(sum);
}

}

at::Tensor AttentionBlock::keysOf(const Piece& piece, const LayerState& state, Workspace& workspace) const
{
    const auto own = state.projected.narrow(1, m_queryWidth, 2 * m_kvWidth);
    if (piece.shared == 0)
        return own;
    auto keys = workspace.keys.take(piece.keyRows.size(0), 2 * m_kvWidth, own.options());
    at::index_select_out(keys, own, 0, piece.keyRows);
    return keys;
}

void AttentionBlock::forward(const Piece& piece, LayerState& state, Workspace& workspace, const LayerCache* cache, std::int64_t cached)
{
    const auto T = state.x.size(0);
    const auto options = state.x.options();
    const auto normed = workspace.normed.take(T, m_qkv->width(), options);
    const auto dropped = piece.dropout.isActive ? workspace.dropped.take(T, m_qkv->inputs(), options) : at::Tensor();
    m_norm->forward(state.x, normed.narrow(1, 0, m_qkv->inputs()));
    state.projected = state.qkv.take(T, m_qkv->outputs(), options);
    m_qkv->forward(normed, state.projected, {}, piece.dropout, dropped);
    state.lowQkv.reset();
    if (!piece.dropout.isActive && m_qkv->rank() > 0)
        state.lowQkv = state.qkvLow.take(T, m_qkv->rank(), options).copy_(normed.narrow(1, m_qkv->inputs(), m_qkv->rank()));
    kernels::rotary(state.projected.narrow(1, 0, m_queryWidth + m_kvWidth), m_heads + m_kvHeads, piece.table, piece.positions, kernels::Rotation::Forward);

    const auto q = state.projected.narrow(1, 0, m_queryWidth);
    const auto keys = keysOf(piece, state, workspace);
    auto k = keys.narrow(1, 0, m_kvWidth);
    auto v = keys.narrow(1, m_kvWidth, m_kvWidth);
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
        const auto* tiles = m_out->tiles();
        if (tiles && !piece.dropout.isActive && T >= PackedLinear::kFewRows)
            return tiles->forward(state.attended.narrow(1, 0, m_out->inputs()), state.attended.narrow(1, m_out->inputs(), m_out->rank()), state.h, state.x);
    }
    const auto droppedMixed = piece.dropout.isActive ? workspace.dropped.take(state.picked.size(0), m_out->inputs(), options) : at::Tensor();
    m_out->forward(state.picked, state.h, piece.onlyTargets ? state.h : state.x, piece.dropout, droppedMixed);
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
    const auto keys = keysOf(piece, state, workspace);
    auto gradKeys = gradQkv.narrow(1, m_queryWidth, 2 * m_kvWidth);
    const auto gradOwn = gradKeys;
    if (piece.shared > 0)
        gradKeys = workspace.gradKeys.take(keys.size(0), 2 * m_kvWidth, options);
    const auto part = [&](const at::Tensor& x, int index) { return x.narrow(1, index * m_kvWidth, m_kvWidth); };
    kernels::attentionBackward(gradMixed, state.projected.narrow(1, 0, m_queryWidth), part(keys, 0), part(keys, 1), state.attended.narrow(1, 0, m_queryWidth), state.lse,
        piece.attention, gradQkv.narrow(1, 0, m_queryWidth), part(gradKeys, 0), part(gradKeys, 1));
    if (piece.shared > 0)
        gatherKeys(piece, gradKeys, gradOwn);
    kernels::rotary(gradQkv.narrow(1, 0, m_queryWidth + m_kvWidth), m_heads + m_kvHeads, piece.table, piece.positions, kernels::Rotation::Inverse);

    const auto normed = workspace.normed.take(T, m_qkv->width(), options);
    m_norm->forward(state.x, normed.narrow(1, 0, m_qkv->inputs()));
    if (state.lowQkv.defined())
        normed.narrow(1, m_qkv->inputs(), m_qkv->rank()).copy_(state.lowQkv);
    else
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
