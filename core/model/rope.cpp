// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/rope.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace attune::model {

using families::RopeSpec;

namespace {

/// Peng et al. 2023 (YaRN): between the two corrections frequencies pass from interpolated to kept.
std::vector<double> yarn(const RopeSpec& rope, std::vector<double> inverse, std::int64_t dim, std::int64_t context)
{
    const double original = static_cast<double>(rope.originalContext > 0 ? rope.originalContext : context);
    const auto correction = [&](double rotations) {
        return static_cast<double>(dim) * std::log(original / (rotations * 2 * std::numbers::pi)) / (2 * std::log(rope.theta));
    };
    const double low = std::max(std::floor(correction(rope.betaFast)), 0.0);
    double high = std::min(std::ceil(correction(rope.betaSlow)), static_cast<double>(dim - 1));
    if (low == high)
        high += 0.001;
    for (std::size_t i = 0; i < inverse.size(); ++i) {
        const double ramp = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
        inverse[i] = inverse[i] / rope.factor * ramp + inverse[i] * (1 - ramp);
    }
    return inverse;
}

double llama3(const RopeSpec& rope, double inverse)
{
    const double original = static_cast<double>(rope.originalContext > 0 ? rope.originalContext : 8192);
    const double wavelength = 2 * std::numbers::pi / inverse;
    if (wavelength > original / rope.lowFrequencyFactor)
        return inverse / rope.factor;
    if (wavelength < original / rope.highFrequencyFactor)
        return inverse;
    const double smooth = (original / wavelength - rope.lowFrequencyFactor) / (rope.highFrequencyFactor - rope.lowFrequencyFactor);
    return (1 - smooth) * inverse / rope.factor + smooth * inverse;
}

/// [P, 2, D/2]: cosines and sines of float32 angles, as the reference takes them. By the C library: LibTorch's go through MKL's
/// vector functions, which in their first call from two threads at once were seen to be off by a thousandth.
at::Tensor anglesOf(const std::vector<double>& inverse, std::int64_t positions, float factor)
{
    const auto half = static_cast<std::int64_t>(inverse.size());
    auto table = at::empty({positions, 2, half}, at::kFloat);
    auto* next = table.data_ptr<float>();
    for (std::int64_t p = 0; p < positions; ++p, next += 2 * half)
        for (std::int64_t i = 0; i < half; ++i) {
            const float angle = static_cast<float>(p) * static_cast<float>(inverse[static_cast<std::size_t>(i)]);
            next[i] = std::cos(angle) * factor;
            next[half + i] = std::sin(angle) * factor;
        }
    return table;
}

double yarnScale(double factor, double mscale)
{
    return factor <= 1 ? 1.0 : 0.1 * mscale * std::log(factor) + 1.0;
}

}

RopeTable::RopeTable(const families::ModelSpec& spec, at::Device device)
    : m_rope(spec.rope)
    , m_dim(static_cast<std::int64_t>(static_cast<double>(spec.headDim) * spec.rope.partialFactor) / 2 * 2)
    , m_contextLength(spec.contextLength)
    , m_device(device)
{
}

std::vector<double> RopeTable::inverseFrequencies(std::int64_t length) const
{
    double theta = m_rope.theta;
    if (m_rope.kind == RopeSpec::Kind::Dynamic) {
        const double ratio = static_cast<double>(std::max(length, m_contextLength)) / static_cast<double>(std::max<std::int64_t>(m_contextLength, 1));
        theta *= std::pow(m_rope.factor * ratio - (m_rope.factor - 1), static_cast<double>(m_dim) / static_cast<double>(m_dim - 2));
    }
    std::vector<double> inverse(static_cast<std::size_t>(m_dim / 2));
    for (std::size_t i = 0; i < inverse.size(); ++i)
        inverse[i] = std::pow(theta, -2.0 * static_cast<double>(i) / static_cast<double>(m_dim));
    if (m_rope.kind == RopeSpec::Kind::Yarn)
        return yarn(m_rope, std::move(inverse), m_dim, m_contextLength);
    const auto& longRope = length > m_rope.originalContext ? m_rope.longFactors : m_rope.shortFactors;
    for (std::size_t i = 0; i < inverse.size(); ++i) {
        if (m_rope.kind == RopeSpec::Kind::Linear)
            inverse[i] /= m_rope.factor;
        else if (m_rope.kind == RopeSpec::Kind::Llama3 && m_rope.frequencyFactors.empty())
            inverse[i] = llama3(m_rope, inverse[i]);
        else if (m_rope.kind == RopeSpec::Kind::LongRope && i < longRope.size())
            inverse[i] /= longRope[i];
        // GGUF files carry llama3's scaling as ready divisors (rope_freqs.weight).
        if (i < m_rope.frequencyFactors.size())
            inverse[i] /= m_rope.frequencyFactors[i];
    }
    return inverse;
}

double RopeTable::attentionFactor() const
{
    if (m_rope.kind != RopeSpec::Kind::Yarn && m_rope.kind != RopeSpec::Kind::LongRope)
        return 1.0;
    if (m_rope.attentionFactor > 0)
        return m_rope.attentionFactor;
    if (m_rope.kind == RopeSpec::Kind::Yarn) {
        if (m_rope.mscale != 0 && m_rope.mscaleAllDim != 0)
            return yarnScale(m_rope.factor, m_rope.mscale) / yarnScale(m_rope.factor, m_rope.mscaleAllDim);
        return yarnScale(m_rope.factor, 1.0);
    }
    const double original = static_cast<double>(std::max<std::int64_t>(m_rope.originalContext, 2));
    const double factor = m_rope.originalContext > 0 ? static_cast<double>(m_contextLength) / original : m_rope.factor;
    return factor <= 1 ? 1.0 : std::sqrt(1 + std::log(factor) / std::log(original));
}

bool RopeTable::dependsOnLength(std::int64_t length) const
{
    return (m_rope.kind == RopeSpec::Kind::Dynamic && length > m_contextLength)
        || (m_rope.kind == RopeSpec::Kind::LongRope && length > m_rope.originalContext);
}

const at::Tensor& RopeTable::forLength(std::int64_t length)
{
    const std::int64_t wanted = dependsOnLength(length) ? length : 0;
    if (m_table.defined() && m_tableLength == wanted && m_table.size(0) >= length)
        return m_table;
    // In steps of 1 024 positions, so that growing rows do not make a new table each time.
    const std::int64_t positions = (std::max<std::int64_t>(length, 1) + 1023) / 1024 * 1024;
    m_table = anglesOf(inverseFrequencies(length), positions, static_cast<float>(attentionFactor())).to(m_device);
    m_tableLength = wanted;
    return m_table;
}

}
