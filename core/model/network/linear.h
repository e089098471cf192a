// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/model_spec.h"
#include "model/network/hooks.h"
#include "model/weight_source.h"

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace attune::model {

/// One weight of the base: frozen in the type that it is stored in, or a float32 master that trains.
class NetworkTensor
{
public:
    NetworkTensor(const families::TensorSlot& slot, at::Tensor value, at::ScalarType compute);
    NetworkTensor(const families::TensorSlot& slot, std::shared_ptr<const WeightSource> source, at::ScalarType compute);

    const families::TensorSlot& slot() const { return m_slot; }
    /// In the compute type, on the tape when it trains.
    at::Tensor use() const;
    /// In float32 (norms and their kin, which are computed so).
    at::Tensor useFloat() const;
    /// float32, off the tape.
    at::Tensor values() const;
    /// Rows ids (int64 [T]) in the compute type, on the tape when it trains.
    at::Tensor rows(const at::Tensor& ids) const;
    /// x [*, in] times this weight [out, in], transposed. A frozen weight in another type than the compute
    /// type is converted again in the backward pass.
    at::Tensor productWith(const at::Tensor& x) const;

    bool isTrained() const { return m_trained != nullptr; }
    /// Makes it a parameter that starts from master (float32). keepsBase: the frozen values stay beside it.
    Parameter& train(const at::Tensor& master, bool keepsBase);
    /// Puts other values (float32) in the place of the base's, which stay beside them.
    void replace(const at::Tensor& values);
    /// Whether the values in use are not the file's: trained or replaced ones.
    bool isChanged() const { return m_trained || m_replacement.defined(); }
    /// Uses the base's values (as long as they are kept) instead of those that changed.
    void useBase(bool isBase) { m_usesBase = isBase; }
    Parameter* parameter() { return m_trained ? &m_trained->parameter : nullptr; }
    std::uint64_t bytes() const;

private:
    /// The trained tensor that is in use now, or null.
    const TrainedTensor* trained() const { return m_usesBase && m_keepsBase ? nullptr : m_trained.get(); }
    /// The frozen values in use now, or undefined where a source holds them.
    const at::Tensor& frozen() const { return m_replacement.defined() && !m_usesBase ? m_replacement : m_value; }
    const WeightSource* source() const { return m_replacement.defined() && !m_usesBase ? nullptr : m_source.get(); }

    const families::TensorSlot m_slot;
    at::Tensor m_value;
    std::shared_ptr<const WeightSource> m_source;
    std::unique_ptr<TrainedTensor> m_trained;
    at::Tensor m_replacement;  ///< in the compute type
    bool m_keepsBase = false, m_usesBase = false;
    at::ScalarType m_compute;
};

/// A linear layer of the base with what a method put on it.
class NetworkLinear
{
public:
    NetworkLinear(std::string name, NetworkTensor* weight, NetworkTensor* bias);

    const std::string& name() const { return m_name; }  ///< HF module: "model.layers.0.self_attn.q_proj"
    const families::TensorSlot& slot() const { return m_weight->slot(); }
    families::Role role() const { return slot().role; }
    std::int64_t layer() const { return slot().layer; }
    std::int64_t inputs() const { return slot().shape[1]; }
    std::int64_t outputs() const { return slot().shape[0]; }
    NetworkTensor& weight() const { return *m_weight; }
    NetworkTensor* bias() const { return m_bias; }  ///< null when there is none

    /// x [T, in] to [T, out].
    at::Tensor forward(const at::Tensor& x, const HookState& state) const;
    /// float32 weight with the hook folded in.
    at::Tensor mergedWeight(double scale) const;
    at::Tensor mergedBias(double scale) const;

    /// One per layer; a second replaces the first.
    void setHook(std::shared_ptr<LinearHook> hook) { m_hook = std::move(hook); }
    LinearHook* hook() const { return m_hook.get(); }

private:
    const std::string m_name;
    NetworkTensor* m_weight;
    NetworkTensor* m_bias;
    std::shared_ptr<LinearHook> m_hook;
};

}
