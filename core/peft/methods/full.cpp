// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "formats/safetensors.h"
#include "model/decoder.h"
#include "model/network/network.h"
#include "peft/peft_method.h"

#include <ATen/ATen.h>

#include <set>

namespace attune::peft {
namespace {

using model::Decoder;
using model::Network;

/// What an HF folder has beside weights and config.json; copied as it is.
constexpr const char* kTokenizerFiles[] = {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
    "merges.txt", "tokenizer.model", "chat_template.jinja", "generation_config.json"};

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

/// float32: the masters to the bit, so that a resumed run continues exactly.
template<typename Model>
Status save(Model& model, const std::string& folder, const std::string&)
{
    ATTUNE_RETURN_IF_ERROR(makeFolder(folder));
    std::vector<formats::TensorToWrite> tensors;
    at::Tensor current;  // keeps the bytes of the tensor being written
    std::set<std::string> transposed;
    for (const auto& slot : model.slots()) {
        if (slot.isTransposed)
            transposed.insert(slot.name);
    }
    for (const auto* parameter : model.parameters()) {
        const auto value = transposed.contains(parameter->name) ? parameter->value.t() : parameter->value;
        tensors.push_back({parameter->name, formats::DType::F32, value.sizes().vec(), [&current, value]() -> Result<std::span<const std::uint8_t>> {
            current = value.to(at::kCPU).contiguous();
            return std::span(static_cast<const std::uint8_t*>(current.data_ptr()), current.nbytes());
        }});
    }
    ATTUNE_RETURN_IF_ERROR(formats::writeShardedSafetensors(folder, std::move(tensors)));
    auto config = model.source.family->toConfig(model.spec());
    config["torch_dtype"] = "float32";
    ATTUNE_RETURN_IF_ERROR(writeFileAtomically((fs::path(folder) / "config.json").string(), config.dump(2) + "\n"));
    return copyTokenizer(model.source, folder);
}

template<typename Model>
Status apply(Model& model, const Json&, std::uint64_t seed)
{
    if (!model.trainsBase())
        return fail(ErrorCode::Internal, "Full fine-tuning needs a model that was loaded with its master weights.");
    model.seedDropout(seed);
    model.setSaver(save<Model>);
    return {};
}

}

const PeftMethod& full()
{
    static const PeftMethod method {"full", "", apply<Decoder>, nullptr, apply<Network>};
    return method;
}

}
