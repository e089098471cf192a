// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/config_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace attune::families {
namespace {

using Kind = RopeSpec::Kind;

/// Includes the older spellings `su` and, in `type`, the same names as in `rope_type`.
std::optional<Kind> kindFromName(std::string_view name)
{
    if (name == "default" || name == "none")
        return Kind::Default;
    if (name == "linear")
        return Kind::Linear;
    if (name == "dynamic")
        return Kind::Dynamic;
    if (name == "llama3")
        return Kind::Llama3;
    if (name == "yarn")
        return Kind::Yarn;
    if (name == "longrope" || name == "su")
        return Kind::LongRope;
    return std::nullopt;
}

std::string_view kindName(Kind kind)
{
    switch (kind) {
    case Kind::Linear: return "linear";
    case Kind::Dynamic: return "dynamic";
    case Kind::Llama3: return "llama3";
    case Kind::Yarn: return "yarn";
    case Kind::LongRope: return "longrope";
    default: return "default";
    }
}

std::vector<double> factors(ConfigReader& reader, const Json& json, std::string_view key)
{
    std::vector<double> list;
    const auto it = json.find(key);
    if (it == json.end() || it->is_null())
        return list;
    if (!it->is_array() || it->size() > 1 << 16) {
        reader.fail(fmt::format("config.json: {} is no list of numbers.", key));
        return list;
    }
    for (const auto& item : *it) {
        if (!item.is_number() || !(item.get<double>() > 0))
            reader.fail(fmt::format("config.json: {} holds {}.", key, toLine(item)));
        else
            list.push_back(item.get<double>());
    }
    return list;
}

void readScaling(ConfigReader& reader, const Json& json, RopeSpec& rope, std::int64_t contextLength)
{
    ConfigReader scaling(json);
    const std::string name = scaling.text("rope_type", scaling.text("type", "default"));
    const auto kind = kindFromName(name);
    if (!kind) {
        reader.fail(fmt::format("config.json: the rotary embedding is scaled by the unknown rule \"{}\".", name));
        return;
    }
    rope.kind = *kind;
    rope.theta = scaling.number("rope_theta", rope.theta);
    rope.partialFactor = scaling.number("partial_rotary_factor", rope.partialFactor);
    rope.factor = scaling.number("factor", 1.0);
    rope.lowFrequencyFactor = scaling.number("low_freq_factor", 1.0);
    rope.highFrequencyFactor = scaling.number("high_freq_factor", 4.0);
    // Phi-3 keeps the original context at the top level.
    ConfigReader& top = reader;
    const auto original = top.size("original_max_position_embeddings", rope.kind == Kind::Llama3 ? 8192 : contextLength);
    rope.originalContext = rope.kind == Kind::Default || rope.kind == Kind::Linear ? 0 : scaling.size("original_max_position_embeddings", original);
    rope.attentionFactor = scaling.number("attention_factor", 0.0);
    rope.betaFast = scaling.number("beta_fast", 32.0);
    rope.betaSlow = scaling.number("beta_slow", 1.0);
    rope.mscale = scaling.number("mscale", 0.0);
    rope.mscaleAllDim = scaling.number("mscale_all_dim", 0.0);
    rope.shortFactors = factors(reader, json, "short_factor");
    rope.longFactors = factors(reader, json, "long_factor");
    if (const auto status = scaling.status(); !status)
        reader.fail(status.error().message);
}

bool isNear(const std::vector<double>& a, const std::vector<double>& b)
{
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (std::abs(a[i] - b[i]) > 1e-4 * std::abs(b[i]))
            return false;
    return true;
}

/// A converter writes the llama3 rule as one factor per frequency. The rule is found again by trying
/// the constants that models were published with, so that a config.json can be written.
void nameLlama3(RopeSpec& rope, std::int64_t rotatedDim)
{
    RopeSpec guess = rope;
    guess.kind = Kind::Llama3;
    guess.factor = std::round(*std::max_element(rope.frequencyFactors.begin(), rope.frequencyFactors.end()) * 1e4) / 1e4;
    guess.originalContext = 8192;
    guess.lowFrequencyFactor = 1.0;
    guess.highFrequencyFactor = 4.0;
    if (isNear(rope.frequencyFactors, llama3Factors(guess, rotatedDim)))
        rope = guess;
}

}

std::vector<double> llama3Factors(const RopeSpec& rope, std::int64_t rotatedDim)
{
    const double original = static_cast<double>(rope.originalContext);
    std::vector<double> result;
    for (std::int64_t i = 0; i < rotatedDim / 2; ++i) {
        const double wavelength = 2 * std::numbers::pi * std::pow(rope.theta, 2.0 * static_cast<double>(i) / static_cast<double>(rotatedDim));
        if (wavelength < original / rope.highFrequencyFactor) {
            result.push_back(1.0);
        } else if (wavelength > original / rope.lowFrequencyFactor) {
            result.push_back(rope.factor);
        } else {
            const double smooth = (original / wavelength - rope.lowFrequencyFactor) / (rope.highFrequencyFactor - rope.lowFrequencyFactor);
            result.push_back(1.0 / ((1.0 - smooth) / rope.factor + smooth));
        }
    }
    return result;
}

RopeSpec ropeFromConfig(ConfigReader& reader, double defaultTheta, std::int64_t contextLength)
{
    RopeSpec rope;
    rope.theta = reader.number("rope_theta", defaultTheta);
    rope.partialFactor = reader.number("partial_rotary_factor", 1.0);
    for (const char* key : {"rope_parameters", "rope_scaling"}) {
        const auto it = reader.json().find(key);
        if (it == reader.json().end() || it->is_null())
            continue;
        if (it->is_object())
            readScaling(reader, *it, rope, contextLength);
        else
            reader.fail(fmt::format("config.json: {} is no object.", key));
        break;
    }
    return rope;
}

void ropeToConfig(const RopeSpec& rope, Json& config)
{
    config["rope_theta"] = rope.theta;
    if (rope.partialFactor != 1.0)
        config["partial_rotary_factor"] = rope.partialFactor;
    if (rope.kind == Kind::Default && !rope.frequencyFactors.empty()) {
        // Divisors of a GGUF file that follow no rule known here: longrope says them as they are.
        config["rope_scaling"] = Json {{"rope_type", "longrope"}, {"factor", 1.0}, {"attention_factor", 1.0}, {"short_factor", rope.frequencyFactors},
            {"long_factor", rope.frequencyFactors}, {"original_max_position_embeddings", config.value("max_position_embeddings", std::int64_t(2048))}};
        return;
    }
    if (rope.kind == Kind::Default || rope.kind == Kind::None) {
        config["rope_scaling"] = nullptr;
        return;
    }
    Json scaling {{"rope_type", kindName(rope.kind)}, {"factor", rope.factor}};
    if (rope.kind == Kind::Llama3) {
        scaling["low_freq_factor"] = rope.lowFrequencyFactor;
        scaling["high_freq_factor"] = rope.highFrequencyFactor;
    }
    if (rope.kind == Kind::Yarn) {
        scaling["beta_fast"] = rope.betaFast;
        scaling["beta_slow"] = rope.betaSlow;
        if (rope.mscale != 0)
            scaling["mscale"] = rope.mscale;
        if (rope.mscaleAllDim != 0)
            scaling["mscale_all_dim"] = rope.mscaleAllDim;
    }
    if (rope.kind == Kind::LongRope) {
        scaling["short_factor"] = rope.shortFactors;
        scaling["long_factor"] = rope.longFactors;
    }
    if (rope.attentionFactor != 0)
        scaling["attention_factor"] = rope.attentionFactor;
    if (rope.originalContext > 0)
        scaling["original_max_position_embeddings"] = rope.originalContext;
    config["rope_scaling"] = scaling;
}

RopeSpec ropeFromGguf(GgufReader& reader, std::int64_t headDim, std::int64_t contextLength)
{
    const auto& file = reader.file();
    RopeSpec rope;
    rope.theta = reader.number("rope.freq_base", 10000.0);
    const auto rotated = reader.size("rope.dimension_count", headDim);
    if (rotated > headDim || rotated % 2 != 0)
        reader.fail(ErrorCode::ModelCorrupt, fmt::format("{}: {} of {} values of a head are rotated.", file.path(), rotated, headDim));
    rope.partialFactor = static_cast<double>(rotated) / static_cast<double>(headDim);
    const std::string type = file.text(file.archKey("rope.scaling.type")).value_or("none");
    // Before the key had a type there was one factor for linear scaling.
    rope.factor = reader.number("rope.scaling.factor", reader.number("rope.scale_linear", 1.0));
    if (rope.factor == 0)
        rope.factor = 1;
    if (const auto kind = kindFromName(type); !kind)
        reader.fail(ErrorCode::ModelUnsupported, fmt::format("Its rotary embedding is scaled by the unknown rule \"{}\".", type));
    else
        rope.kind = *kind == Kind::Default && rope.factor != 1 ? Kind::Linear : *kind == Kind::Linear && rope.factor == 1 ? Kind::Default : *kind;
    if (rope.kind == Kind::Yarn || rope.kind == Kind::LongRope)
        rope.originalContext = reader.size("rope.scaling.original_context_length", contextLength);
    if (rope.kind == Kind::Yarn) {
        rope.betaFast = reader.number("rope.scaling.yarn_beta_fast", 32.0);
        rope.betaSlow = reader.number("rope.scaling.yarn_beta_slow", 1.0);
        // llama.cpp multiplies its own 0.1 ln(factor) + 1 by attn_factor.
        if (const double extra = reader.number("rope.scaling.attn_factor", 1.0); extra != 1.0)
            rope.attentionFactor = extra * (0.1 * std::log(rope.factor) + 1.0);
    } else if (rope.kind == Kind::LongRope) {
        rope.attentionFactor = reader.number("rope.scaling.attn_factor", 0.0);
    }
    const auto readTensor = [&](const char* name, std::vector<double>& list) {
        const auto* tensor = file.findTensor(name);
        if (!tensor)
            return;
        if (tensor->type != formats::kGgmlF32 || tensor->count() != rotated / 2) {
            reader.fail(ErrorCode::ModelCorrupt, fmt::format("{}: {} holds {} values, expected {}.", file.path(), name, tensor->count(), rotated / 2));
            return;
        }
        std::vector<float> values(static_cast<std::size_t>(tensor->count()));
        if (const auto status = dequantise(*tensor, values); !status)
            reader.fail(status.error().code, status.error().message);
        for (const float value : values) {
            if (!(value > 0) || !std::isfinite(value))
                reader.fail(ErrorCode::ModelCorrupt, fmt::format("{}: {} holds the impossible factor {}.", file.path(), name, value));
            list.push_back(value);
        }
    };
    readTensor("rope_freqs.weight", rope.frequencyFactors);
    readTensor("rope_factors_short.weight", rope.shortFactors);
    readTensor("rope_factors_long.weight", rope.longFactors);
    if (!rope.longFactors.empty()) {
        rope.kind = Kind::LongRope;
        rope.originalContext = reader.size("rope.scaling.original_context_length", contextLength);
        rope.attentionFactor = reader.number("rope.scaling.attn_factor", 0.0);
    }
    if (rope.kind == Kind::Default && !rope.frequencyFactors.empty())
        nameLlama3(rope, rotated);
    return rope;
}

}
