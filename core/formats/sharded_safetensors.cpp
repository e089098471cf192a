// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/json_tree.h"
#include "formats/safetensors.h"

#include <fmt/format.h>

#include <set>

namespace attune::formats {
namespace {

/// The shard files that an index names, each checked to lie in the folder itself.
Result<std::map<std::string, std::set<std::string>>> readIndex(const std::string& path)
{
    ATTUNE_TRY(const auto text, readFile(path, 512u << 20));
    auto parsed = parseJsonTree(text);
    if (!parsed)
        return parsed.error().in(path);
    const auto& json = *parsed;
    if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object())
        return fail(ErrorCode::FileCorrupt, fmt::format("{} holds no weight_map.", path), "Fetch the folder again.");
    std::map<std::string, std::set<std::string>> shards;
    for (const auto& [tensor, file] : json["weight_map"].items()) {
        const std::string name = file.is_string() ? file.get<std::string>() : std::string();
        if (name.empty() || name.find('/') != std::string::npos || name.find('\0') != std::string::npos || name.starts_with("."))
            return fail(ErrorCode::FileCorrupt, fmt::format("{} puts tensor \"{}\" into {}, which is no file of the folder.", path, tensor, file.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)),
                "Fetch the folder again.");
        shards[name].insert(tensor);
    }
    return shards;
}

}

Result<ShardedSafetensors> ShardedSafetensors::open(const std::string& folder)
{
    ShardedSafetensors result;
    std::map<std::string, std::set<std::string>> shards;
    const std::string single = folder + "/model.safetensors", index = single + ".index.json";
    if (fs::exists(index)) {
        ATTUNE_TRY(shards, readIndex(index));
    } else if (fs::exists(single)) {
        shards["model.safetensors"] = {};
    } else {
        const bool isPickle = fs::exists(folder + "/pytorch_model.bin") || fs::exists(folder + "/pytorch_model.bin.index.json");
        return fail(ErrorCode::ModelMissing, fmt::format("{} holds no model.safetensors.", folder),
            isPickle ? "Its weights are a Python pickle, which is never opened; convert it with save_pretrained()." : "Choose a folder with config.json and model.safetensors.");
    }
    result.m_files.reserve(shards.size());
    for (const auto& [name, expected] : shards) {
        ATTUNE_TRY(auto file, SafetensorsFile::open(folder + "/" + name));
        result.m_files.push_back(std::move(file));
        const auto& opened = result.m_files.back();
        for (const auto& tensor : expected)
            if (!opened.find(tensor))
                return fail(ErrorCode::FileCorrupt, fmt::format("{}/{} lacks the tensor \"{}\" that the index puts there.", folder, name, tensor), "Fetch the folder again.");
        for (const auto& tensor : opened.tensors())
            result.m_tensors.emplace(tensor.name, std::pair(result.m_files.size() - 1, &tensor));
    }
    return result;
}

const TensorView* ShardedSafetensors::find(std::string_view name) const
{
    const auto it = m_tensors.find(name);
    return it == m_tensors.end() ? nullptr : it->second.second;
}

std::vector<const TensorView*> ShardedSafetensors::tensors() const
{
    std::vector<const TensorView*> list;
    for (const auto& [name, place] : m_tensors)
        list.push_back(place.second);
    return list;
}

void ShardedSafetensors::release(const TensorView& tensor) const
{
    if (const auto it = m_tensors.find(tensor.name); it != m_tensors.end())
        m_files[it->second.first].release(tensor);
}

}
