// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/network/linear.h"

#include <memory>
#include <string>

namespace attune::peft {

/// The values of a low-rank adapter on one layer.
struct LowRankValues {
    at::Tensor a, b;            ///< [R, in] and [out, R]; on an embedding table [R, rows] and [width, R]
    at::Tensor magnitude;       ///< DoRA: [out]; else undefined
    at::Tensor startA, startB;  ///< PiSSA: what A and B started from; else undefined
    double scaling = 1.0, dropout = 0.0;
    double rateOfB = 1.0;       ///< LoRA+: learning rate of B in multiples of A's
};

/// A low-rank adapter on a linear of the network, computed in float32 as PEFT does.
/// LoRA (Hu et al. 2021): y + s · B A dropout(x).
/// DoRA (Liu et al. 2024): g (y - bias + s · B A x) + bias with g = m / |W + s · B A| per output, the length
/// being a constant for the gradient.
/// PiSSA (Meng et al. 2024): A and B start from the largest singular directions of W, which are taken out of
/// W; here as - s · B0 A0 x, so that the base stays as its file has it.
class LoraHook final : public model::LinearHook
{
public:
    LoraHook(const std::string& module, const LowRankValues& values, bool isTrained);

    at::Tensor apply(const model::NetworkLinear& linear, const at::Tensor& x, const at::Tensor& y, const model::HookState& state) override;
    at::Tensor merged(const model::NetworkLinear& linear, const at::Tensor& weight, double scale) override;
    void appendParameters(std::vector<model::Parameter*>& parameters) override;

    const at::Tensor& a() const { return m_a.parameter.value; }
    const at::Tensor& b() const { return m_b.parameter.value; }
    at::Tensor magnitude() const { return m_magnitude ? m_magnitude->parameter.value : at::Tensor(); }
    /// A and B of a plain LoRA that does the same on the unchanged base: PiSSA's have twice the rank.
    at::Tensor plainA() const;
    at::Tensor plainB() const;

private:
    at::Tensor lengths(const at::Tensor& weight) const;  ///< |W + s · B A| per output [out]
    at::Tensor doraOutput(const model::NetworkLinear& linear, const at::Tensor& x, const at::Tensor& y, const model::HookState& state);

    model::TrainedTensor m_a, m_b;
    std::unique_ptr<model::TrainedTensor> m_magnitude;
    const at::Tensor m_startA, m_startB;
    const double m_scaling, m_dropout;
    at::Tensor m_lengths;
};

/// LoRA on the embedding table: rows + s · (A^T)[ids] B^T.
class EmbeddingLoraHook final : public model::EmbeddingHook
{
public:
    EmbeddingLoraHook(const std::string& module, const LowRankValues& values, bool isTrained);

    at::Tensor apply(const at::Tensor& ids, const at::Tensor& y, const model::HookState& state) override;
    at::Tensor merged(const at::Tensor& weight, double scale) override;
    void appendParameters(std::vector<model::Parameter*>& parameters) override;

    const std::string& module() const { return m_module; }
    const at::Tensor& a() const { return m_a.parameter.value; }
    const at::Tensor& b() const { return m_b.parameter.value; }

private:
    const std::string m_module;
    model::TrainedTensor m_a, m_b;
    const double m_scaling;
};

}
