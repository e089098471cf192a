// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "formats/safetensors.h"
#include "model/decoder.h"
#include "peft/peft_method.h"

#include <ATen/ATen.h>

namespace attune::peft {
namespace {

using model::Decoder;

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
Status save(Decoder& decoder, const std::string& folder, const std::string&)
{
    ATTUNE_RETURN_IF_ERROR(makeFolder(folder));
    std::vector<formats::TensorToWrite> tensors;
    at::Tensor current;  // keeps the bytes of the tensor being written
    for (const auto* parameter : decoder.parameters()) {
        tensors.push_back({parameter->name, formats::DType::F32, parameter->value.sizes().vec(), [&current, parameter]() -> Result<std::span<const std::uint8_t>> {
            current = parameter->value.to(at::kCPU).contiguous();
            return std::span(static_cast<const std::uint8_t*>(current.data_ptr()), current.nbytes());
        }});
    }
    ATTUNE_RETURN_IF_ERROR(formats::writeShardedSafetensors(folder, std::move(tensors)));
    auto config = decoder.source.family->toConfig(decoder.spec());
    config["torch_dtype"] = "float32";
    ATTUNE_RETURN_IF_ERROR(writeFileAtomically((fs::path(folder) / "config.json").string(), config.dump(2) + "\n"));
    return copyTokenizer(decoder.source, folder);
}

Status apply(Decoder& decoder, const Json&, std::uint64_t seed)
{
    if (!decoder.trainsBase())
        return fail(ErrorCode::Internal, "Full fine-tuning needs a model that was loaded with its master weights.");
    decoder.seedDropout(seed);
    decoder.setSaver(save);
    return {};
}

}

const PeftMethod& full()
{
    static const PeftMethod method {"full", "", apply, nullptr};
    return method;
}

}
