// SPDX-License-Identifier: GPL-3.0-or-later
#include "peft/model_folder.h"

#include "base/file.h"
#include "formats/safetensors.h"

#include <ATen/ATen.h>

namespace attune::peft {
namespace {

/// What an HF folder has beside weights and config.json; copied as it is.
constexpr const char* kTokenizerFiles[] = {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
    "merges.txt", "vocab.txt", "tokenizer.model", "chat_template.jinja", "generation_config.json"};

Status copyTokenizer(const families::ModelSource& source, const std::string& folder)
{
    if (source.format != families::ModelFormat::HfFolder)
        return {};
    for (const char* name : kTokenizerFiles) {
        const fs::path from = fs::path(source.path) / name;
        std::error_code error;
        if (!fs::exists(from, error))
            continue;
        ATTUNE_TRY(const auto bytes, readFile(from.string()));
        ATTUNE_RETURN_IF_ERROR(writeFileAtomically((fs::path(folder) / name).string(), bytes));
    }
    return {};
}

}

FolderTensor folderTensor(const families::TensorSlot& slot, std::function<at::Tensor()> values)
{
    if (!slot.isTransposed)
        return {slot.name, slot.shape, std::move(values)};
    return {slot.name, {slot.shape.rbegin(), slot.shape.rend()}, [values = std::move(values)] { return values().t(); }};
}

Status writeModelFolder(const families::ModelSource& source, const families::ModelSpec& spec, const std::vector<FolderTensor>& tensors, const std::string& folder)
{
    ATTUNE_RETURN_IF_ERROR(makeFolder(folder));
    std::vector<formats::TensorToWrite> list;
    at::Tensor current;  // keeps the bytes of the tensor being written
    for (const auto& tensor : tensors)
        list.push_back({tensor.name, formats::DType::F32, tensor.shape, [&current, &tensor]() -> Result<std::span<const std::uint8_t>> {
            current = tensor.values().to(at::kCPU, at::kFloat).contiguous();
            return std::span(static_cast<const std::uint8_t*>(current.data_ptr()), current.nbytes());
        }});
    ATTUNE_RETURN_IF_ERROR(formats::writeShardedSafetensors(folder, std::move(list)));
    auto config = source.family->toConfig(spec);
    config["torch_dtype"] = "float32";
    ATTUNE_RETURN_IF_ERROR(writeFileAtomically((fs::path(folder) / "config.json").string(), config.dump(2) + "\n"));
    return copyTokenizer(source, folder);
}

}
