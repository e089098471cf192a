// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/gguf_adapter.h"

#include "formats/dtype.h"
#include "formats/gguf_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>

namespace attune::formats {
namespace {

Error corrupt(const std::string& path, const std::string& what)
{
    return fail(ErrorCode::FileCorrupt, fmt::format("{}: {}.", path, what), "The adapter is damaged; make or fetch it again.");
}

bool isEmbedding(std::string_view base)
{
    return base == "token_embd.weight";
}

Status checkPair(const std::string& path, const GgufAdapter::Pair& pair)
{
    if (!pair.a || !pair.b)
        return corrupt(path, fmt::format("{} has only one of its two matrices", pair.base));
    if (pair.a->shape.size() > 2 || pair.b->shape.size() > 2 || pair.a->shape.empty() || pair.b->shape.empty())
        return corrupt(path, fmt::format("the matrices of {} are no matrices", pair.base));
    return {};
}

std::vector<std::uint8_t> encode(const std::vector<float>& values, int type)
{
    std::vector<std::uint8_t> bytes(values.size() * (type == kGgmlF32 ? 4 : 2));
    if (type == kGgmlF32) {
        std::memcpy(bytes.data(), values.data(), bytes.size());
        return bytes;
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::uint16_t half = toHalf(values[i]);
        std::memcpy(bytes.data() + 2 * i, &half, sizeof half);
    }
    return bytes;
}

}

Result<GgufAdapter> GgufAdapter::open(const std::string& path)
{
    ATTUNE_TRY(auto opened, GgufFile::open(path));
    GgufAdapter adapter;
    adapter.file = std::make_shared<GgufFile>(std::move(opened));
    const GgufFile& file = *adapter.file;
    if (file.text("general.type") != "adapter" || file.text("adapter.type") != "lora")
        return fail(ErrorCode::FormatUnknown, fmt::format("{} is a GGUF file, but no LoRA adapter.", path), "Choose a GGUF adapter, or use the file as the model.");
    adapter.architecture = file.architecture();
    adapter.alpha = file.number("adapter.lora.alpha").value_or(0.0);
    std::map<std::string, Pair> pairs;
    for (const auto& tensor : file.tensors()) {
        const bool isA = tensor.name.ends_with(".lora_a"), isB = tensor.name.ends_with(".lora_b");
        if (!isA && !isB) {
            if (tensor.name.ends_with("_norm.weight"))
                continue;  // llama.cpp passes over them as well
            return corrupt(path, fmt::format("the tensor {} belongs to no LoRA pair", tensor.name));
        }
        Pair& pair = pairs[tensor.name.substr(0, tensor.name.size() - 7)];
        (isA ? pair.a : pair.b) = &tensor;
    }
    for (auto& [base, pair] : pairs) {
        pair.base = base;
        ATTUNE_RETURN_IF_ERROR(checkPair(path, pair));
        const auto rankA = isEmbedding(base) ? pair.a->shape.back() : pair.a->shape.front(), rankB = pair.b->shape.back();
        // A rank of 1 drops a dimension in some writers; then the shapes say nothing and the base decides.
        if (pair.a->shape.size() == 2 && pair.b->shape.size() == 2 && rankA != rankB)
            return corrupt(path, fmt::format("the matrices of {} have ranks {} and {}", base, rankA, rankB));
        adapter.pairs.push_back(pair);
    }
    return adapter;
}

Status writeGgufAdapter(const std::string& path, const std::string& architecture, const std::string& name, double alpha, const std::vector<GgufAdapterPair>& pairs, int type)
{
    ATTUNE_CHECK(type == kGgmlF32 || type == kGgmlF16, "adapters are written as F32 or F16");
    GgufWriter writer;
    writer.setText("general.architecture", architecture);
    writer.setText("general.type", "adapter");
    writer.setText("general.name", name);
    writer.setText("adapter.type", "lora");
    writer.setF32("adapter.lora.alpha", static_cast<float>(alpha));
    writer.setU32("general.file_type", type == kGgmlF32 ? 0 : 1);
    for (const auto& pair : pairs) {
        writer.addTensor(pair.base + ".lora_a", type, pair.shapeA, [&pair, type](const GgufWriter::Sink& sink) { return sink(encode(pair.a, type)); });
        writer.addTensor(pair.base + ".lora_b", type, pair.shapeB, [&pair, type](const GgufWriter::Sink& sink) { return sink(encode(pair.b, type)); });
    }
    return writer.write(path);
}

}
