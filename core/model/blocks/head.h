// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/blocks/norm.h"
#include "model/packed_linear.h"
#include "model/forward_state.h"

#include <memory>

namespace attune::model {

/// The final norm, the output matrix and the loss. Logits exist for a few rows at a time only.
class Head
{
public:
    /// weight: [V, C] in the compute type, shared with the embedding when tied; master: its float32
    /// master in full fine-tuning, else null.
    Head(std::unique_ptr<Norm> norm, at::Tensor weight, Parameter* master);

    /// Sum of the cross-entropies of x [M, C] (float32 scalar). The second also
    /// writes gradX = gradScale (a float32 scalar on the device) · dL/dx (not x itself) and adds the gradients of what trains.
    at::Tensor loss(const at::Tensor& x, const at::Tensor& targets, Workspace& workspace);
    at::Tensor lossBackward(const at::Tensor& x, const at::Tensor& targets, const at::Tensor& gradScale, Workspace& workspace, const at::Tensor& gradX);
    /// float32 logits [M, V].
    at::Tensor logits(const at::Tensor& x, Workspace& workspace);

    Norm& norm() { return *m_norm; }
    const at::Tensor& weight() const { return m_weight; }
    /// For training: keeps a frozen weight also in the order of the tile units, where they serve.
    void pack();

    /// The gradient of a trained matrix holds anything: the next lossBackward() overwrites it.
    void overwriteGradient() { m_overwrites = m_master != nullptr; }
    /// None came: it is zero.
    void settleGradient();

private:
    std::int64_t rowsAtATime() const;
    void logitsOf(const at::Tensor& normed, const at::Tensor& out) const;

    std::unique_ptr<Norm> m_norm;
    at::Tensor m_weight;
    Parameter* m_master;
    bool m_overwrites = false;
    std::unique_ptr<PackedLinear> m_packed;
};

}
