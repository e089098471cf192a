// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file_writer.h"
#include "base/json.h"
#include "formats/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <tuple>

namespace attune::formats {
namespace {

/// The reference writer's order (tensor.rs, `prepare`).
void sortForWriting(std::vector<TensorToWrite>& tensors)
{
    std::sort(tensors.begin(), tensors.end(), [](const TensorToWrite& a, const TensorToWrite& b) {
        return a.dtype != b.dtype ? a.dtype > b.dtype : a.name < b.name;
    });
}

std::string header(const std::vector<TensorToWrite>& tensors, const std::map<std::string, std::string>& metadata)
{
    Json json = Json::object();
    if (!metadata.empty())
        json["__metadata__"] = metadata;
    std::uint64_t position = 0;
    for (const auto& tensor : tensors) {
        const auto size = tensor.byteCount();
        json[tensor.name] = Json {{"dtype", dtypeName(tensor.dtype)}, {"shape", tensor.shape}, {"data_offsets", {position, position + size}}};
        position += size;
    }
    std::string text = toLine(json);
    text.append((8 - text.size() % 8) % 8, ' ');
    return text;
}

}

std::uint64_t TensorToWrite::byteCount() const
{
    std::uint64_t bits = static_cast<std::uint64_t>(bitsOf(dtype));
    for (const auto dimension : shape)
        bits *= static_cast<std::uint64_t>(dimension);
    return bits / 8;
}

TensorToWrite toWrite(const TensorView& view)
{
    return {view.name, view.dtype, view.shape, [bytes = view.bytes]() -> Result<std::span<const std::uint8_t>> { return bytes; }};
}

Status writeSafetensors(const std::string& path, std::vector<TensorToWrite> tensors, const std::map<std::string, std::string>& metadata)
{
    sortForWriting(tensors);
    ATTUNE_TRY(auto file, FileWriter::create(path));
    const std::string text = header(tensors, metadata);
    const std::uint64_t length = text.size();
    char prefix[sizeof length];
    std::memcpy(prefix, &length, sizeof length);
    ATTUNE_RETURN_IF_ERROR(file.write(std::string_view(prefix, sizeof prefix)));
    ATTUNE_RETURN_IF_ERROR(file.write(text));
    for (const auto& tensor : tensors) {
        ATTUNE_TRY(auto bytes, tensor.bytes());
        ATTUNE_CHECK(bytes.size() == tensor.byteCount(), fmt::format("tensor {} gave {} bytes, promised {}", tensor.name, bytes.size(), tensor.byteCount()));
        ATTUNE_RETURN_IF_ERROR(file.write(bytes));
    }
    return file.commit();
}

Status writeShardedSafetensors(const std::string& folder, std::vector<TensorToWrite> tensors, std::uint64_t maxShardBytes)
{
    ATTUNE_RETURN_IF_ERROR(makeFolder(folder));
    std::vector<std::vector<TensorToWrite>> shards(1);
    std::uint64_t total = 0, inShard = 0;
    for (auto& tensor : tensors) {
        const auto size = tensor.byteCount();
        if (inShard > 0 && inShard + size > maxShardBytes) {
            shards.emplace_back();
            inShard = 0;
        }
        inShard += size;
        total += size;
        shards.back().push_back(std::move(tensor));
    }
    if (shards.size() == 1)
        return writeSafetensors(folder + "/model.safetensors", std::move(shards.front()));
    std::map<std::string, std::string> places;
    for (std::size_t i = 0; i < shards.size(); ++i) {
        const std::string name = fmt::format("model-{:05}-of-{:05}.safetensors", i + 1, shards.size());
        for (const auto& tensor : shards[i])
            places[tensor.name] = name;
        ATTUNE_RETURN_IF_ERROR(writeSafetensors(folder + "/" + name, std::move(shards[i])));
    }
    const Json index {{"metadata", {{"total_size", total}}}, {"weight_map", places}};
    return writeFileAtomically(folder + "/model.safetensors.index.json", index.dump(2) + "\n");
}

}
