// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "families/model_spec.h"
#include "formats/gguf_file.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace attune::families {

/// Reads config.json with the class defaults of transformers: a file may leave out any field that
/// equals its default (formats.md §2). The first wrong value is kept as the error; so a family reads
/// all it needs and asks once.
class ConfigReader
{
public:
    explicit ConfigReader(const Json& config) : m_config(config) {}

    /// A whole number from 1 to maximum; the default where the key is absent or null.
    std::int64_t size(std::string_view key, std::int64_t fallback, std::int64_t maximum = 1 << 26);
    double number(std::string_view key, double fallback);
    bool boolean(std::string_view key, bool fallback);
    std::string text(std::string_view key, const std::string& fallback);
    bool has(std::string_view key) const;  ///< present and not null
    const Json& json() const { return m_config; }

    /// Remembers a problem; only the first counts.
    void fail(std::string message);
    Status status() const;

private:
    const Json* find(std::string_view key) const;
    const Json& m_config;
    std::optional<Error> m_error;
};

/// `hidden_act` and kin to an activation; null when unknown.
std::optional<Activation> activationFromName(std::string_view name);
std::string_view activationName(Activation activation);  ///< as config.json spells it

/// The rotary embedding of a config: `rope_theta` + `rope_scaling` (transformers 4) or
/// `rope_parameters` (5). formats.md §2.6. Problems go into reader.
RopeSpec ropeFromConfig(ConfigReader& reader, double defaultTheta, std::int64_t contextLength);
/// Writes `rope_theta` and `rope_scaling`, which every version reads.
void ropeToConfig(const RopeSpec& rope, Json& config);

/// Reads GGUF metadata of a model; keys without the architecture's prefix.
class GgufReader
{
public:
    explicit GgufReader(const formats::GgufFile& file) : m_file(file) {}

    /// Errors: ModelCorrupt when absent or no whole number from 1 to maximum; ModelUnsupported when layers differ in it.
    std::int64_t size(std::string_view key, std::optional<std::int64_t> fallback = {}, std::int64_t maximum = 1 << 26);
    double number(std::string_view key, std::optional<double> fallback = {});
    const formats::GgufFile& file() const { return m_file; }
    void fail(ErrorCode code, std::string message);
    Status status() const;

private:
    const formats::GgufFile& m_file;
    std::optional<Error> m_error;
};

/// The fields that all decoder architectures of llama.cpp share: layers, widths, heads, context,
/// vocabulary, epsilon, rotary embedding with `rope_freqs.weight`, tied head.
ModelSpec decoderFromGguf(GgufReader& reader);
RopeSpec ropeFromGguf(GgufReader& reader, std::int64_t headDim, std::int64_t contextLength);

/// The factors by which llama3 scaling divides the frequencies (formats.md §2.6), headDim/2 of them.
std::vector<double> llama3Factors(const RopeSpec& rope, std::int64_t rotatedDim);

/// What every family checks before its sizes are used: heads divide, nothing overflows.
Status checkSpec(const ModelSpec& spec);

/// Slots in the naming that Llama and its kin share (formats.md §2.2, §4.5); families change what differs.
struct DecoderNames {
    TensorSlot::GgufTransform query = TensorSlot::GgufTransform::None, key = TensorSlot::GgufTransform::None, norm = TensorSlot::GgufTransform::None;
    std::string up = "up_proj", down = "down_proj";
};

/// The class defaults of a family for the fields that Llama and its kin share.
struct DecoderDefaults {
    std::int64_t vocabSize = 32000, hiddenSize = 4096, intermediateSize = 11008, layers = 32, heads = 32;
    std::int64_t kvHeads = 0;   ///< 0 = as many as heads
    std::int64_t headDim = 0;   ///< 0 = hiddenSize / heads
    std::int64_t contextLength = 2048;
    std::string epsilonKey = "rms_norm_eps";
    double epsilon = 1e-6;
    double theta = 10000.0;
    bool isTied = false;
    std::string activationKey = "hidden_act";
    Activation activation = Activation::Silu;
};
ModelSpec decoderFromConfig(ConfigReader& reader, const DecoderDefaults& defaults);
Activation activationFromConfig(ConfigReader& reader, const std::string& key, Activation fallback);
/// Which layers attend within spec.slidingWindow: `layer_types`, else what isSliding says of a layer. Takes the
/// window away where no layer does.
void layerTypesFromConfig(ConfigReader& reader, ModelSpec& spec, const std::function<bool(std::int64_t)>& isSliding);
void layerTypesToConfig(const ModelSpec& spec, Json& config);
std::vector<TensorSlot> decoderSlots(const ModelSpec& spec, const DecoderNames& names);
/// The fields of config.json that Llama and its kin share.
Json decoderConfig(const ModelSpec& spec, const std::string& architecture, const std::string& modelType);

}
