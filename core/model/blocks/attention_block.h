// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/blocks/norm.h"
#include "model/forward_state.h"
#include "model/linear_group.h"

#include <memory>

namespace attune::model {

/// Keys and values of one layer for generation: [capacity, k] each.
struct LayerCache { at::Tensor keys, values; };

/// Pre-norm self-attention with rotary positions and its residual: h = x + Wo attention(Wqkv norm(x)).
class AttentionBlock
{
public:
    AttentionBlock(const families::ModelSpec& spec, std::unique_ptr<Norm> norm, std::unique_ptr<LinearGroup> qkv, std::unique_ptr<LinearGroup> out);

    /// Reads state.x, fills the rest of the attention's state and state.h. With cache, keys and values are
    /// appended at row cached and attention reads them from there.
    void forward(const Piece& piece, LayerState& state, Workspace& workspace, const LayerCache* cache = nullptr, std::int64_t cached = 0);
    /// gradH [M, C] in; gradX [T, C] out (may be undefined below the first trained tensor).
    void backward(const Piece& piece, LayerState& state, Workspace& workspace, const at::Tensor& gradH, const at::Tensor& gradX,
        LinearGroup::InputGradient wanted);

    LinearGroup& qkv() { return *m_qkv; }
    LinearGroup& out() { return *m_out; }
    Norm& norm() { return *m_norm; }

private:
    /// Keys and values as attention reads them, [Tk, 2k]: the layer's own, or each row's behind the common beginning.
    at::Tensor keysOf(const Piece& piece, const LayerState& state, Workspace& workspace) const;

    std::int64_t m_queryWidth, m_kvWidth, m_heads, m_kvHeads;
    std::unique_ptr<Norm> m_norm;
    std::unique_ptr<LinearGroup> m_qkv, m_out;
};

}
