// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/causal_lm.h"

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace attune::model {

class NetworkLinear;

/// A tensor that trains, or a frozen one of an adapter that is only used: a float32 value and, on the
/// autograd tape, a leaf that shares its memory. The optimizer changes the value in place; backward adds
/// to parameter.grad itself.
class TrainedTensor
{
public:
    TrainedTensor(const std::string& name, const at::Tensor& value, bool isTrained);

    /// What a forward pass uses: float32, on the tape when trained.
    const at::Tensor& leaf() const { return m_leaf; }
    bool isTrained() const { return m_leaf.requires_grad(); }

    Parameter parameter;  ///< name, value, grad, decays, learningRateScale

private:
    at::Tensor m_leaf;
};

/// Appends the parameters of those that train.
void appendTrained(std::vector<Parameter*>& parameters, std::initializer_list<TrainedTensor*> tensors);

/// What a forward pass tells its hooks.
struct HookState {
    double adapterScale = 1.0;      ///< 0: the base model (the reference of DPO), 1: as trained
    bool isTraining = false;        ///< dropout is on
    at::Generator* generator = nullptr;

    /// x with a share of its values set to 0 and the others divided by (1 - share); x itself outside training.
    at::Tensor dropout(const at::Tensor& x, double share) const;
};

/// What a method puts on a linear layer (LoRA, DoRA, IA3, VeRA).
class LinearHook
{
public:
    virtual ~LinearHook() = default;
    /// The input that the layer reads instead of x [T, in] (IA3 on an MLP's way down).
    virtual at::Tensor input(const NetworkLinear& /*linear*/, const at::Tensor& x, const HookState& /*state*/) { return x; }
    /// The new output for x [T, in] as the layer read it and y [T, out] as the base, with bias, computed it.
    /// Both are in the compute type; what is returned is cast to it.
    virtual at::Tensor apply(const NetworkLinear& linear, const at::Tensor& x, const at::Tensor& y, const HookState& state) = 0;
    /// The float32 weight [out, in] and bias [out] with this hook folded in.
    virtual at::Tensor merged(const NetworkLinear& linear, const at::Tensor& weight, double scale) = 0;
    virtual at::Tensor mergedBias(const NetworkLinear& /*linear*/, const at::Tensor& bias, double /*scale*/) { return bias; }
    virtual void appendParameters(std::vector<Parameter*>& parameters) = 0;
};

/// What a method puts on the embedding table (LoRA on embeddings, trained rows, noise).
class EmbeddingHook
{
public:
    virtual ~EmbeddingHook() = default;
    /// y [T, C]: rows of the table for ids [T] (int64), before any scale.
    virtual at::Tensor apply(const at::Tensor& ids, const at::Tensor& y, const HookState& state) = 0;
    virtual at::Tensor merged(const at::Tensor& weight, double /*scale*/) { return weight; }
    virtual void appendParameters(std::vector<Parameter*>& /*parameters*/) {}
};

/// Where a layer adds the output of its attention or MLP to the residual.
struct BlockPlace {
    std::int64_t layer = 0;
    bool isMlp = false;
    /// What follows the sum: the norm in models that place it there (BERT), else the sum itself. Never null.
    std::function<at::Tensor(const at::Tensor&)> after;
};

/// What a method puts between a sublayer and the residual (bottleneck adapters: Houlsby, Pfeiffer, parallel).
class BlockHook
{
public:
    virtual ~BlockHook() = default;
    /// input [T, C]: what the sublayer read, after the norm before it; output [T, C]: what it gave;
    /// residual [T, C]. Returns what stands for place.after(residual + output).
    virtual at::Tensor combine(const BlockPlace& place, const at::Tensor& input, const at::Tensor& output, const at::Tensor& residual, const HookState& state) = 0;
    virtual void appendParameters(std::vector<Parameter*>& parameters) = 0;
};

/// Trained tokens before every row: either embeddings that pass through all layers (prompt tuning,
/// P-tuning) or keys and values for each layer (prefix tuning). They are never targets, and hidden() and
/// logits() leave their rows out; the row's own tokens take the positions behind them.
class VirtualTokens
{
public:
    struct KeysValues { at::Tensor keys, values; };  ///< [P, kvHeads, D] each

    virtual ~VirtualTokens() = default;
    virtual std::int64_t count() const = 0;  ///< P
    /// Called once at the start of each forward pass, before the others (the encoder of P-tuning runs here).
    virtual void prepare(const HookState& /*state*/) {}
    virtual bool isPrefix() const = 0;                            ///< keys and values, not embeddings
    virtual at::Tensor embeddings() { return {}; }               ///< [P, C], used as they are: no embedding scale
    virtual KeysValues keysValues(std::int64_t /*layer*/) { return {}; }  ///< used as they are: not rotated
    virtual void appendParameters(std::vector<Parameter*>& parameters) = 0;
};

}
