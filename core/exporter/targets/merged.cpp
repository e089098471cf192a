// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "exporter/hf_tokenizer.h"
#include "exporter/merged_weights.h"
#include "exporter/target.h"
#include "formats/safetensors.h"

#include <ATen/ATen.h>

#include <fmt/format.h>

#include <algorithm>

namespace attune::exporter {
namespace {

struct Type {
    formats::DType stored;
    at::ScalarType torch;
    const char* name;
};

Result<Type> typeFromName(std::string name)
{
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (name == "f32" || name == "float32")
        return Type {formats::DType::F32, at::kFloat, "float32"};
    if (name == "f16" || name == "float16")
        return Type {formats::DType::F16, at::kHalf, "float16"};
    if (name == "bf16" || name == "bfloat16")
        return Type {formats::DType::BF16, at::kBFloat16, "bfloat16"};
    return fail(ErrorCode::Usage, fmt::format("A Hugging Face folder cannot be written as \"{}\".", name), "One of: f32, f16, bf16. For smaller files use attune export gguf.");
}

/// The base's own config.json where there is one, so that fields we do not read stay; else what the family writes.
Status writeConfig(const Source& source, const families::TaskHead& head, const std::string& out, const Type& type)
{
    Json config = source.base().family->toConfig(source.base().spec);
    const std::string original = (source.isFullModel() ? source.weights() : source.base().path) + "/config.json";
    if (fs::exists(original)) {
        ATTUNE_TRY(config, readJsonFile(original, 16 << 20));
    }
    if (head.isThere())
        families::describeHead(config, head);
    config.erase("dtype");
    config["torch_dtype"] = type.name;
    return writeFileAtomically(out + "/config.json", config.dump(2) + "\n");
}

Result<Written> write(Source& source, const std::string& out, const JobContext& context)
{
    ATTUNE_TRY(const auto type, typeFromName(source.request().type));
    ATTUNE_TRY(const auto* trained, source.trained(context));
    const auto slots = slotsToWrite(source.base(), *trained);
    ATTUNE_RETURN_IF_ERROR(checkFreeDisk(out, static_cast<std::uint64_t>(families::parameterCount(slots)) * static_cast<std::uint64_t>(formats::bitsOf(type.stored)) / 8));
    ATTUNE_RETURN_IF_ERROR(makeFolder(out));
    std::vector<formats::TensorToWrite> tensors;
    at::Tensor current;  // only the tensor that is being written is held
    std::size_t done = 0;
    for (const auto& slot : slots) {
        const auto shape = slot.isTransposed ? std::vector(slot.shape.rbegin(), slot.shape.rend()) : slot.shape;
        tensors.push_back({slot.name, type.stored, shape, [&, slot]() -> Result<std::span<const std::uint8_t>> {
            if (context.isCancelled())
                return fail(ErrorCode::Cancelled, "The export was cancelled.");
            context.report("Writing weights", done++, slots.size());
            const auto weight = mergedWeight(*trained, slot).to(type.torch);
            current = (slot.isTransposed ? weight.t() : weight).contiguous();
            if (!at::isfinite(current).all().item<bool>())
                return fail(ErrorCode::Unsupported, fmt::format("The weight {} holds values that {} cannot hold.", slot.name, type.name), "Export as bf16 or f32, or choose an earlier checkpoint.");
            return std::span(static_cast<const std::uint8_t*>(current.const_data_ptr()), current.nbytes());
        }});
    }
    ATTUNE_RETURN_IF_ERROR(formats::writeShardedSafetensors(out, std::move(tensors)));
    ATTUNE_RETURN_IF_ERROR(writeConfig(source, trained->head, out, type));
    ATTUNE_TRY(const auto chatTemplate, source.chatTemplate());
    ATTUNE_RETURN_IF_ERROR(writeHfTokenizer(source.base(), out, chatTemplate));
    return Written {.model = out, .adapter = {}, .llamaModel = {}, .llamaAdapter = {}, .temporary = {}};
}

}

const Target& merged()
{
    static const Target target {.id = "merged", .displayName = "Hugging Face model", .sentence = "The base model with the training merged in, as safetensors, for transformers, vLLM and TGI.", .isFolder = true, .takesLabels = true, .write = write};
    return target;
}

}
