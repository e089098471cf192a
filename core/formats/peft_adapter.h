// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "formats/safetensors.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace attune::formats {

/// One tensor of an adapter under the name of the module it belongs to, free of PEFT's wrappers:
/// "base_model.model.model.layers.0.self_attn.q_proj.lora_A.default.weight" is module
/// "model.layers.0.self_attn.q_proj", part "lora_A".
struct PeftTensor {
    std::string module;  ///< path in the Hugging Face model; empty for prompt_embeddings
    std::string part;    ///< lora_A lora_B lora_B.bias lora_embedding_A lora_embedding_B lora_magnitude_vector ia3_l
                         ///< vera_lambda_b vera_lambda_d vera_A vera_B prompt_embeddings, adapter_down.0.weight … of a
                         ///< bottleneck, or weight / bias of a module that is saved as a whole
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    std::span<const std::uint8_t> bytes;

    Result<std::vector<float>> values() const;
};

/// An adapter as PEFT describes it (formats.md §3): its configuration and its tensors as raw views.
/// Made from a PEFT folder or filled by a reader of another format. Copyable; views share ownership.
class PeftAdapter
{
public:
    PeftAdapter() = default;
    explicit PeftAdapter(Json config) : m_config(std::move(config)) {}

    /// Names with and without "base_model.model.", with an adapter's name in them, and the wrappers of
    /// modules_to_save are all understood. Errors: ModelMissing, FileCorrupt (a lora_A without its
    /// lora_B, ranks that disagree), Unsupported for pickled weights.
    static Result<PeftAdapter> open(const std::string& folder);

    const Json& config() const { return m_config; }
    /// "LORA", "IA3", "PROMPT_TUNING", …; "BOTTLENECK" for a folder of AdapterHub's library `adapters`.
    std::string type() const;
    const std::vector<PeftTensor>& tensors() const { return m_tensors; }
    const PeftTensor* find(std::string_view module, std::string_view part) const;
    /// Modules with a LoRA pair (linear or embedding), in file order.
    std::vector<std::string> loraModules() const;
    bool usesDora() const { return flag("use_dora"); }

    /// lora_alpha / r, or / sqrt(r) with rsLoRA, of this module: rank_pattern and alpha_pattern count,
    /// and where file and configuration disagree the tensor's own rank wins (formats.md §3.10).
    double scaleOf(std::string_view module) const;
    double alphaOf(std::string_view module) const;
    std::int64_t rankOf(std::string_view module) const;  ///< from lora_A's shape; 0 if there is none

    void setConfig(Json config) { m_config = std::move(config); }
    /// Adds a float32 tensor that the adapter owns.
    void add(std::string module, std::string part, std::vector<std::int64_t> shape, std::vector<float> values);

    /// Writes adapter_config.json and adapter_model.safetensors as PEFT names them, or, for a bottleneck
    /// adapter, adapter.safetensors as `adapters` does.
    Status write(const std::string& folder) const;

private:
    bool flag(const char* key) const;
    bool isBottleneck() const;
    bool isSavedModule(std::string_view module) const;
    std::string fileName(const PeftTensor& tensor) const;
    Status check(const std::string& path) const;

    Json m_config = Json::object();
    std::vector<PeftTensor> m_tensors;
    std::shared_ptr<const SafetensorsFile> m_file;
    std::vector<std::shared_ptr<const std::vector<float>>> m_owned;
};

/// Splits a tensor's name as above; module and part only.
PeftTensor splitPeftName(std::string_view name);
/// The way back, as PEFT writes it: "base_model.model.<module>.lora_A.weight".
std::string peftName(const PeftTensor& tensor);

}
