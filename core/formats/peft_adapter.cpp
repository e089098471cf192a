// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/peft_adapter.h"

#include "formats/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace attune::formats {
namespace {

/// Segments of a name that say what a tensor is; what follows is an adapter's name and "weight".
constexpr std::array<std::string_view, 12> kParts {"lora_A", "lora_B", "lora_embedding_A", "lora_embedding_B", "lora_magnitude_vector", "ia3_l",
    "trainable_tokens_delta", "prompt_embeddings", "vera_lambda_b", "vera_lambda_d", "vera_A", "vera_B"};

std::vector<std::string_view> segments(std::string_view name)
{
    std::vector<std::string_view> list;
    for (std::size_t begin = 0;;) {
        const auto dot = name.find('.', begin);
        list.push_back(name.substr(begin, dot - begin));
        if (dot == std::string_view::npos)
            return list;
        begin = dot + 1;
    }
}

std::string_view withoutPrefix(std::string_view name)
{
    for (const std::string_view prefix : {"base_model.model.", "base_model."})
        if (name.starts_with(prefix))
            return name.substr(prefix.size());
    return name;
}

/// Linear parts are parameters of a submodule and end in ".weight" on disk; the others do not.
bool endsInWeight(std::string_view part)
{
    return part == "lora_A" || part == "lora_B";
}

/// nlohmann's value() throws on a value of another type; a hostile file must not.
double numberOf(const Json& json, const char* key, double fallback)
{
    const auto it = json.find(key);
    return it != json.end() && it->is_number() ? it->get<double>() : fallback;
}

/// "model.layers.0.output_adapters.adapters.<name>.adapter_down.0.weight", as the library `adapters` names it.
std::optional<PeftTensor> splitBottleneckName(std::string_view name)
{
    const auto adapters = name.find(".adapters."), part = name.find(".adapter_");
    if (adapters == std::string_view::npos || part == std::string_view::npos || part < adapters)
        return std::nullopt;
    PeftTensor tensor;
    tensor.module = std::string(name.substr(0, adapters));
    tensor.part = std::string(name.substr(part + 1));
    return tensor;
}

}

PeftTensor splitPeftName(std::string_view name)
{
    const auto list = segments(withoutPrefix(name));
    PeftTensor result;
    const auto part = std::find_if(list.begin(), list.end(), [](std::string_view s) { return std::find(kParts.begin(), kParts.end(), s) != kParts.end(); });
    if (part != list.end()) {
        result.module = fmt::format("{}", fmt::join(list.begin(), part, "."));
        result.part = std::string(*part) + (list.back() == "bias" ? ".bias" : "");
        return result;
    }
    std::vector<std::string_view> kept;
    for (std::size_t i = 0; i + 1 < list.size(); ++i) {
        if (list[i] == "modules_to_save") {
            i += i + 2 < list.size() ? 1 : 0;  // the adapter's name follows
            continue;
        }
        if (list[i] != "base_layer" && list[i] != "ln_tuning_layers")
            kept.push_back(list[i]);
    }
    result.module = fmt::format("{}", fmt::join(kept, "."));
    result.part = list.back();
    return result;
}

std::string peftName(const PeftTensor& tensor)
{
    if (tensor.part == "prompt_embeddings")
        return tensor.part;
    if (tensor.module.empty())  // matrices that all layers share
        return "base_model." + tensor.part;
    return fmt::format("base_model.model.{}.{}{}", tensor.module, tensor.part, endsInWeight(tensor.part) ? ".weight" : "");
}

Result<std::vector<float>> PeftTensor::values() const
{
    std::size_t count = 1;
    for (const auto dimension : shape)
        count *= static_cast<std::size_t>(dimension);
    std::vector<float> result(count);
    ATTUNE_RETURN_IF_ERROR(toFloat32(dtype, bytes, result));
    return result;
}

Result<PeftAdapter> PeftAdapter::open(const std::string& folder)
{
    const std::string configPath = folder + "/adapter_config.json";
    if (!fs::exists(configPath))
        return fail(ErrorCode::ModelMissing, fmt::format("{} holds no adapter: adapter_config.json is missing.", folder), "Choose the folder that PEFT or Attune wrote.");
    PeftAdapter adapter;
    ATTUNE_TRY(adapter.m_config, readJsonFile(configPath, 16 << 20));
    const std::string stem = folder + (adapter.isBottleneck() ? "/adapter" : "/adapter_model"), path = stem + ".safetensors";
    if (!fs::exists(path) && (fs::exists(stem + ".bin") || fs::exists(folder + "/pytorch_adapter.bin")))
        return fail(ErrorCode::Unsupported, fmt::format("{} holds its weights as a Python pickle, which is never opened.", folder), "Save it again with safe_serialization=True.");
    const auto type = adapter.m_config.is_object() ? adapter.m_config.find("peft_type") : adapter.m_config.end();
    if (!adapter.isBottleneck() && (!adapter.m_config.is_object() || type == adapter.m_config.end() || !type->is_string()))
        return fail(ErrorCode::FileCorrupt, fmt::format("{} names no peft_type.", configPath), "This is no adapter that PEFT wrote.");
    ATTUNE_TRY(auto file, SafetensorsFile::open(path));
    adapter.m_file = std::make_shared<SafetensorsFile>(std::move(file));
    for (const auto& view : adapter.m_file->tensors()) {
        const auto bottleneck = splitBottleneckName(view.name);
        PeftTensor tensor = bottleneck ? *bottleneck : splitPeftName(view.name);
        tensor.dtype = view.dtype;
        tensor.shape = view.shape;
        tensor.bytes = view.bytes;
        adapter.m_tensors.push_back(std::move(tensor));
    }
    ATTUNE_RETURN_IF_ERROR(adapter.check(path));
    return adapter;
}

Status PeftAdapter::check(const std::string& path) const
{
    for (const auto& tensor : m_tensors) {
        const bool isEmbedding = tensor.part.starts_with("lora_embedding_");
        if (!tensor.part.starts_with("lora_") || tensor.part == "lora_magnitude_vector" || tensor.part == "lora_B.bias")
            continue;
        const bool isA = tensor.part.ends_with("A");
        const std::string otherPart = std::string(isEmbedding ? "lora_embedding_" : "lora_") + (isA ? "B" : "A");
        const auto* other = find(tensor.module, otherPart);
        const auto bad = [&](const std::string& what) {
            return fail(ErrorCode::FileCorrupt, fmt::format("{}: {} of {} {}.", path, tensor.part, tensor.module, what), "The adapter is damaged; make or fetch it again.");
        };
        if (!other)
            return bad(fmt::format("has no {}", otherPart));
        if (tensor.shape.size() != 2 || other->shape.size() != 2)
            return bad("is no matrix");
        const auto rank = isA ? tensor.shape[0] : tensor.shape[1], otherRank = isA ? other->shape[1] : other->shape[0];
        if (rank != otherRank || rank < 1)
            return bad(fmt::format("has rank {}, its partner {}", rank, otherRank));
    }
    return {};
}

bool PeftAdapter::isBottleneck() const
{
    if (!m_config.is_object() || m_config.contains("peft_type"))
        return false;
    const auto config = m_config.find("config");
    return config != m_config.end() && config->is_object() && (config->contains("reduction_factor") || config->contains("mh_adapter"));
}

std::string PeftAdapter::type() const
{
    const auto type = m_config.is_object() ? m_config.find("peft_type") : m_config.end();
    return isBottleneck() ? "BOTTLENECK" : type != m_config.end() && type->is_string() ? type->get<std::string>() : std::string();
}

bool PeftAdapter::isSavedModule(std::string_view module) const
{
    const auto names = m_config.find("modules_to_save");
    return names != m_config.end() && names->is_array()
        && std::any_of(names->begin(), names->end(), [&](const Json& name) { return name.is_string() && matchesModulePattern(name.get_ref<const std::string&>(), module); });
}

/// The name in the file, which for some types of adapter says more than module and part.
std::string PeftAdapter::fileName(const PeftTensor& tensor) const
{
    if (isBottleneck()) {
        const auto name = m_config.find("name");
        return fmt::format("{}.adapters.{}.{}", tensor.module, name != m_config.end() && name->is_string() ? name->get<std::string>() : "attune", tensor.part);
    }
    const bool isWhole = tensor.part == "weight" || tensor.part == "bias";
    if (isWhole && type() == "LN_TUNING" && !isSavedModule(tensor.module))
        return fmt::format("base_model.model.{}.ln_tuning_layers.{}", tensor.module, tensor.part);
    if (tensor.part == "bias" && find(tensor.module, "lora_A"))
        return fmt::format("base_model.model.{}.base_layer.bias", tensor.module);
    return peftName(tensor);
}

const PeftTensor* PeftAdapter::find(std::string_view module, std::string_view part) const
{
    const auto it = std::find_if(m_tensors.begin(), m_tensors.end(), [&](const PeftTensor& t) { return t.part == part && t.module == module; });
    return it == m_tensors.end() ? nullptr : &*it;
}

std::vector<std::string> PeftAdapter::loraModules() const
{
    std::vector<std::string> modules;
    for (const auto& tensor : m_tensors)
        if (tensor.part == "lora_A" || tensor.part == "lora_embedding_A")
            modules.push_back(tensor.module);
    return modules;
}

bool PeftAdapter::flag(const char* key) const
{
    const auto it = m_config.find(key);
    return it != m_config.end() && it->is_boolean() && it->get<bool>();
}

std::int64_t PeftAdapter::rankOf(std::string_view module) const
{
    const auto* a = find(module, "lora_A");
    if (!a)
        a = find(module, "lora_embedding_A");
    return a && !a->shape.empty() ? a->shape[0] : 0;
}

double PeftAdapter::alphaOf(std::string_view module) const
{
    double alpha = numberOf(m_config, "lora_alpha", 8.0);
    if (const auto patterns = m_config.find("alpha_pattern"); patterns != m_config.end() && patterns->is_object())
        for (const auto& [key, value] : patterns->items())
            if (value.is_number() && matchesModulePattern(key, module))
                return value.get<double>();
    return alpha;
}

double PeftAdapter::scaleOf(std::string_view module) const
{
    const auto rank = static_cast<double>(rankOf(module));
    if (rank == 0)
        return 0.0;
    return alphaOf(module) / (flag("use_rslora") ? std::sqrt(rank) : rank);
}

void PeftAdapter::add(std::string module, std::string part, std::vector<std::int64_t> shape, std::vector<float> values)
{
    auto owned = std::make_shared<const std::vector<float>>(std::move(values));
    m_tensors.push_back({std::move(module), std::move(part), DType::F32, std::move(shape),
        {reinterpret_cast<const std::uint8_t*>(owned->data()), owned->size() * sizeof(float)}});
    m_owned.push_back(std::move(owned));
}

Status PeftAdapter::write(const std::string& folder) const
{
    ATTUNE_RETURN_IF_ERROR(makeFolder(folder));
    std::vector<TensorToWrite> tensors;
    for (const auto& tensor : m_tensors)
        tensors.push_back(toWrite(TensorView {fileName(tensor), tensor.dtype, tensor.shape, tensor.bytes}));
    ATTUNE_RETURN_IF_ERROR(writeSafetensors(folder + (isBottleneck() ? "/adapter.safetensors" : "/adapter_model.safetensors"), std::move(tensors)));
    const nlohmann::json sorted = m_config;  // PEFT writes its keys in order
    return writeFileAtomically(folder + "/adapter_config.json", sorted.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}
