// SPDX-License-Identifier: GPL-3.0-or-later
#include "peft/lora_hook.h"

#include <ATen/ATen.h>

namespace attune::peft {

namespace {

std::string named(const std::string& module, const char* part)
{
    return "base_model.model." + module + "." + part;
}

}

LoraHook::LoraHook(const std::string& module, const LowRankValues& values, bool isTrained)
    : m_a(named(module, "lora_A.weight"), values.a, isTrained)
    , m_b(named(module, "lora_B.weight"), values.b, isTrained)
    , m_startA(values.startA)
    , m_startB(values.startB)
    , m_scaling(values.scaling)
    , m_dropout(values.dropout)
{
    m_b.parameter.learningRateScale = values.rateOfB;
    if (values.magnitude.defined())
        m_magnitude = std::make_unique<model::TrainedTensor>(named(module, "lora_magnitude_vector"), values.magnitude, isTrained);
}

at::Tensor LoraHook::apply(const model::NetworkLinear& linear, const at::Tensor& x, const at::Tensor& y, const model::HookState& state)
{
    if (m_magnitude)
        return doraOutput(linear, x, y, state);
    const auto wide = x.to(at::kFloat);
    auto update = at::linear(at::linear(state.dropout(wide, m_dropout), m_a.leaf()), m_b.leaf());
    if (m_startA.defined())
        update = update - at::linear(at::linear(wide, m_startA), m_startB);
    return y + (update * (m_scaling * state.adapterScale)).to(y.scalar_type());
}

/// PEFT reuses the base's output where no dropout is active, else multiplies the dropped input again.
at::Tensor LoraHook::doraOutput(const model::NetworkLinear& linear, const at::Tensor& x, const at::Tensor& y, const model::HookState& state)
{
    const auto wide = state.dropout(x.to(at::kFloat), m_dropout);
    const bool isDropped = state.isTraining && m_dropout > 0;
    auto base = isDropped ? linear.weight().productWith(wide.to(x.scalar_type())).to(at::kFloat) : y.to(at::kFloat);
    if (!isDropped && linear.bias())
        base = base - linear.bias()->useFloat();
    // Values that train change between passes; a finished adapter's do not.
    if (!m_lengths.defined() || m_a.isTrained())
        m_lengths = lengths(linear.weight().values());
    const auto scale = m_magnitude->leaf() / m_lengths;
    const auto update = (scale - 1) * base + scale * (at::linear(at::linear(wide, m_a.leaf()), m_b.leaf()) * m_scaling);
    return y + (update * state.adapterScale).to(y.scalar_type());
}

at::Tensor LoraHook::lengths(const at::Tensor& weight) const
{
    const at::NoGradGuard noGrad;
    return at::linalg_vector_norm(weight + at::matmul(b(), a()) * m_scaling, 2, at::IntArrayRef {1});
}

at::Tensor LoraHook::merged(const model::NetworkLinear&, const at::Tensor& weight, double scale)
{
    auto update = at::matmul(plainB(), plainA()) * m_scaling;
    if (m_magnitude)
        update = (weight + update) * (magnitude() / lengths(weight)).unsqueeze(1) - weight;
    return weight + update * scale;
}

at::Tensor LoraHook::plainA() const
{
    return m_startA.defined() ? at::cat({a(), m_startA}, 0) : a();
}

at::Tensor LoraHook::plainB() const
{
    return m_startB.defined() ? at::cat({b(), -m_startB}, 1) : b();
}

void LoraHook::appendParameters(std::vector<model::Parameter*>& parameters)
{
    appendTrained(parameters, {&m_a, &m_b, m_magnitude.get()});
}

EmbeddingLoraHook::EmbeddingLoraHook(const std::string& module, const LowRankValues& values, bool isTrained)
    : m_module(module)
    , m_a(named(module, "lora_embedding_A"), values.a, isTrained)
    , m_b(named(module, "lora_embedding_B"), values.b, isTrained)
    , m_scaling(values.scaling)
{
    m_b.parameter.learningRateScale = values.rateOfB;
}

at::Tensor EmbeddingLoraHook::apply(const at::Tensor& ids, const at::Tensor& y, const model::HookState& state)
{
    const auto update = at::linear(at::embedding(m_a.leaf().t(), ids), m_b.leaf());
    return y + (update * (m_scaling * state.adapterScale)).to(y.scalar_type());
}

at::Tensor EmbeddingLoraHook::merged(const at::Tensor& weight, double scale)
{
    return weight + at::matmul(b(), a()).t() * (m_scaling * scale);
}

void EmbeddingLoraHook::appendParameters(std::vector<model::Parameter*>& parameters)
{
    appendTrained(parameters, {&m_a, &m_b});
}

}
