// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/config_reader.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace attune::families {
namespace {

constexpr const char* kHint = "The model's files are damaged or made by a program that writes them otherwise; fetch them again.";

struct ActivationName {
    std::string_view name;
    Activation activation;
};

/// The first name of each activation is the one written.
constexpr std::array<ActivationName, 11> kActivations {{
    {"silu", Activation::Silu}, {"swish", Activation::Silu}, {"gelu", Activation::Gelu}, {"gelu_pytorch_tanh", Activation::GeluTanh},
    {"gelu_new", Activation::GeluTanh}, {"gelu_fast", Activation::GeluTanh}, {"gelu_python", Activation::Gelu}, {"gelu_python_tanh", Activation::GeluTanh},
    {"relu", Activation::Relu}, {"quick_gelu", Activation::QuickGelu}, {"tanh", Activation::Tanh},
}};

}

const Json* ConfigReader::find(std::string_view key) const
{
    const auto it = m_config.find(key);
    return it == m_config.end() || it->is_null() ? nullptr : &*it;
}

bool ConfigReader::has(std::string_view key) const
{
    return find(key) != nullptr;
}

void ConfigReader::fail(std::string message)
{
    if (!m_error)
        m_error = attune::fail(ErrorCode::ModelCorrupt, std::move(message), kHint);
}

Status ConfigReader::status() const
{
    return m_error ? Status(*m_error) : Status();
}

std::int64_t ConfigReader::size(std::string_view key, std::int64_t fallback, std::int64_t maximum)
{
    const Json* value = find(key);
    if (!value)
        return fallback;
    if (!value->is_number_integer() || value->get<std::int64_t>() < 1 || value->get<std::int64_t>() > maximum) {
        fail(fmt::format("config.json: {} is {}, expected a whole number from 1 to {}.", key, toLine(*value), maximum));
        return fallback;
    }
    return value->get<std::int64_t>();
}

double ConfigReader::number(std::string_view key, double fallback)
{
    const Json* value = find(key);
    if (!value)
        return fallback;
    if (!value->is_number() || !std::isfinite(value->get<double>())) {
        fail(fmt::format("config.json: {} is {}, expected a number.", key, toLine(*value)));
        return fallback;
    }
    return value->get<double>();
}

bool ConfigReader::boolean(std::string_view key, bool fallback)
{
    const Json* value = find(key);
    if (!value)
        return fallback;
    if (!value->is_boolean()) {
        fail(fmt::format("config.json: {} is {}, expected true or false.", key, toLine(*value)));
        return fallback;
    }
    return value->get<bool>();
}

std::string ConfigReader::text(std::string_view key, const std::string& fallback)
{
    const Json* value = find(key);
    if (!value)
        return fallback;
    if (!value->is_string()) {
        fail(fmt::format("config.json: {} is {}, expected a text.", key, toLine(*value)));
        return fallback;
    }
    return value->get<std::string>();
}

std::optional<Activation> activationFromName(std::string_view name)
{
    for (const auto& row : kActivations)
        if (row.name == name)
            return row.activation;
    return std::nullopt;
}

std::string_view activationName(Activation activation)
{
    for (const auto& row : kActivations)
        if (row.activation == activation)
            return row.name;
    return "silu";
}

void GgufReader::fail(ErrorCode code, std::string message)
{
    if (!m_error)
        m_error = attune::fail(code, std::move(message), code == ErrorCode::ModelUnsupported ? "Choose another base model." : kHint);
}

Status GgufReader::status() const
{
    return m_error ? Status(*m_error) : Status();
}

std::int64_t GgufReader::size(std::string_view key, std::optional<std::int64_t> fallback, std::int64_t maximum)
{
    const std::string full = m_file.archKey(key);
    const auto values = m_file.integers(full);
    if (values.empty()) {
        if (!fallback)
            fail(ErrorCode::ModelCorrupt, fmt::format("{} lacks the value {}.", m_file.path(), full));
        return fallback.value_or(1);
    }
    for (const auto value : values) {
        if (value != values.front())
            fail(ErrorCode::ModelUnsupported, fmt::format("Its layers differ in {}.", full));
        if (value < 1 || value > maximum)
            fail(ErrorCode::ModelCorrupt, fmt::format("{}: {} is {}, expected 1 to {}.", m_file.path(), full, value, maximum));
    }
    return values.front();
}

double GgufReader::number(std::string_view key, std::optional<double> fallback)
{
    const std::string full = m_file.archKey(key);
    const auto value = m_file.number(full);
    if (!value && !fallback)
        fail(ErrorCode::ModelCorrupt, fmt::format("{} lacks the value {}.", m_file.path(), full));
    if (value && !std::isfinite(*value))
        fail(ErrorCode::ModelCorrupt, fmt::format("{}: {} is no finite number.", m_file.path(), full));
    return value.value_or(fallback.value_or(0.0));
}

Status checkSpec(const ModelSpec& spec)
{
    const auto bad = [](std::string message) { return attune::fail(ErrorCode::ModelCorrupt, std::move(message), kHint); };
    if (spec.layers > 10'000)
        return bad(fmt::format("The model claims {} layers.", spec.layers));
    if (spec.heads > 1 << 16 || spec.headDim > 1 << 16 || spec.kvHeads > spec.heads || spec.heads % spec.kvHeads != 0)
        return bad(fmt::format("{} attention heads cannot share {} heads of keys.", spec.heads, spec.kvHeads));
    if (spec.headDim % 2 != 0 && spec.rope.kind != RopeSpec::Kind::None)
        return bad(fmt::format("Heads of {} values cannot be rotated in pairs.", spec.headDim));
    if (!(spec.rope.theta > 0) || !(spec.rope.factor > 0) || !(spec.normEpsilon >= 0) || !(spec.rope.partialFactor > 0) || spec.rope.partialFactor > 1)
        return bad("The rotary embedding or the norm has an impossible constant.");
    return {};
}

}
