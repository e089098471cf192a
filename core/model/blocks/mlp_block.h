// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/blocks/norm.h"
#include "model/forward_state.h"
#include "model/linear_group.h"

#include <memory>

namespace attune::model {

/// Pre-norm gated MLP with its residual: out = h + Wdown (silu(Wgate n) · Wup n), n = norm(h).
class MlpBlock
{
public:
    MlpBlock(std::unique_ptr<Norm> norm, std::unique_ptr<LinearGroup> gateUp, std::unique_ptr<LinearGroup> down);

    /// Reads state.h, fills state.gates; out [M, C].
    void forward(const Piece& piece, LayerState& state, Workspace& workspace, const at::Tensor& out);
    /// What backward() needs of forward(), once more.
    void recompute(const Piece& piece, LayerState& state, Workspace& workspace);
    /// grad [M, C]: dL/dout in, dL/dh out, in place. state.gates is used up.
    void backward(const Piece& piece, LayerState& state, Workspace& workspace, const at::Tensor& grad);

    LinearGroup& gateUp() { return *m_gateUp; }
    LinearGroup& down() { return *m_down; }
    Norm& norm() { return *m_norm; }

private:
    /// Whether gate, up and their product stay in the order of the tile units from one product to the next.
    bool isTiled(const Piece& piece, std::int64_t rows) const;
    void activate(const Piece& piece, LayerState& state, Workspace& workspace);
    void forwardTiled(LayerState& state, Workspace& workspace, const at::Tensor& out);
    void backwardTiled(LayerState& state, Workspace& workspace, const at::Tensor& grad);

    std::unique_ptr<Norm> m_norm;
    std::unique_ptr<LinearGroup> m_gateUp, m_down;
};

}
