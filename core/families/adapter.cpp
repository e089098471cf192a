// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/adapter.h"

#include "base/file.h"
#include "families/task_head.h"
#include "families/weights.h"
#include "formats/gguf_adapter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace attune::families {
namespace {

using formats::GgufAdapter;
using formats::GgufAdapterPair;
using formats::PeftAdapter;

std::string moduleOf(const TensorSlot& slot)
{
    return slot.name.substr(0, slot.name.rfind('.'));
}

/// Weights by module path or by GGUF name.
std::map<std::string, TensorSlot> slotsBy(const ModelSource& base, bool isGgufName)
{
    std::map<std::string, TensorSlot> map;
    if (!base.family)
        return map;
    auto slots = base.family->tensors(base.spec);
    if (base.spec.kind == Architecture::Encoder)  // layers that adapters for labels may change come with a head only: BERT's pooler, ModernBERT's dense layer
        for (const auto& slot : withHead(slots, base.spec, {TaskHead::Kind::Sequence, {""}, {}}))
            if (isPooler(slot) || (isOfHead(slot) && slot.isLinear))
                slots.push_back(slot);
    for (const auto& slot : slots)
        if (slot.name.ends_with(".weight"))
            map.emplace(isGgufName ? slot.ggufName : moduleOf(slot), slot);
    return map;
}

Error mismatch(const ModelSource& base, const std::string& what)
{
    return fail(ErrorCode::AdapterMismatch, fmt::format("The adapter does not fit {}: {}.", base.name, what), "Use the base model that the adapter was trained on.");
}

/// Rows between the two orders; rows are `width` values long.
std::vector<float> reorderRows(const std::vector<float>& values, std::int64_t width, const TensorSlot& slot, const ModelSpec& spec, bool toGguf)
{
    std::vector<float> result(values.size());
    const auto rows = static_cast<std::int64_t>(values.size()) / width;
    for (std::int64_t row = 0; row < rows; ++row) {
        const std::int64_t other = ggufRow(slot, spec, row);
        const auto from = (toGguf ? row : other) * width, to = (toGguf ? other : row) * width;
        std::copy_n(values.begin() + from, width, result.begin() + to);
    }
    return result;
}

std::vector<float> transposed(const std::vector<float>& values, std::int64_t rows, std::int64_t columns)
{
    std::vector<float> result(values.size());
    for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t c = 0; c < columns; ++c)
            result[static_cast<std::size_t>(c * rows + r)] = values[static_cast<std::size_t>(r * columns + c)];
    return result;
}

Result<std::vector<float>> valuesOf(const formats::GgufTensor& tensor)
{
    std::vector<float> values(static_cast<std::size_t>(tensor.count()));
    ATTUNE_RETURN_IF_ERROR(dequantise(tensor, values));
    return values;
}

Json loraConfig(const std::string& baseName, std::int64_t rank, double alpha, const std::set<std::string>& targets)
{
    return Json {{"peft_type", "LORA"}, {"task_type", "CAUSAL_LM"}, {"base_model_name_or_path", baseName}, {"r", rank}, {"lora_alpha", alpha},
        {"lora_dropout", 0.0}, {"target_modules", targets}, {"bias", "none"}, {"fan_in_fan_out", false}, {"inference_mode", true},
        {"init_lora_weights", true}, {"modules_to_save", nullptr}};
}

Status addPair(PeftAdapter& adapter, const GgufAdapter::Pair& pair, const TensorSlot& slot, const ModelSource& base)
{
    ATTUNE_TRY(auto a, valuesOf(*pair.a));
    ATTUNE_TRY(auto b, valuesOf(*pair.b));
    const std::int64_t out = slot.shape[0], in = slot.shape[1];
    const bool isEmbedding = slot.role == Role::Embedding;
    const std::int64_t widthA = isEmbedding ? out : in, widthB = isEmbedding ? in : out;
    const auto rank = static_cast<std::int64_t>(b.size()) / widthB;
    if (rank < 1 || rank * widthB != static_cast<std::int64_t>(b.size()) || rank * widthA != static_cast<std::int64_t>(a.size()))
        return mismatch(base, fmt::format("{} has matrices of {} and {} values for a weight of {} x {}", pair.base, a.size(), b.size(), out, in));
    if (isEmbedding) {
        adapter.add(moduleOf(slot), "lora_embedding_A", {rank, out}, transposed(a, out, rank));
        adapter.add(moduleOf(slot), "lora_embedding_B", {in, rank}, std::move(b));
        return {};
    }
    if (movesRows(slot))
        b = reorderRows(b, rank, slot, base.spec, false);
    adapter.add(moduleOf(slot), "lora_A", {rank, in}, std::move(a));
    adapter.add(moduleOf(slot), "lora_B", {out, rank}, std::move(b));
    return {};
}

Result<PeftAdapter> fromGguf(const std::string& path, const ModelSource& base)
{
    ATTUNE_TRY(const auto file, GgufAdapter::open(path));
    const auto& architectures = base.family->ggufArchitectures;
    if (std::find(architectures.begin(), architectures.end(), file.architecture) == architectures.end())
        return mismatch(base, fmt::format("it was made for the architecture \"{}\"", file.architecture));
    const auto slots = slotsBy(base, true);
    PeftAdapter adapter;
    std::set<std::string> targets;
    for (const auto& pair : file.pairs) {
        const auto slot = slots.find(pair.base);
        if (slot == slots.end() || slot->second.shape.size() != 2)
            return mismatch(base, fmt::format("there is no weight {}", pair.base));
        ATTUNE_RETURN_IF_ERROR(addPair(adapter, pair, slot->second, base));
        const std::string module = moduleOf(slot->second);
        targets.insert(module.substr(module.rfind('.') + 1));
    }
    std::int64_t rank = 1;
    std::map<std::string, std::int64_t> ranks;
    for (const auto& module : adapter.loraModules())
        rank = std::max(rank, ranks[module] = adapter.rankOf(module));
    // llama.cpp takes alpha 0 as "do not scale".
    Json config = loraConfig(base.path, rank, file.alpha != 0 ? file.alpha : static_cast<double>(rank), targets);
    for (const auto& [module, own] : ranks) {
        if (own != rank)
            config["rank_pattern"][module] = own;
        if (own != rank && file.alpha == 0)
            config["alpha_pattern"][module] = own;
    }
    adapter.setConfig(std::move(config));
    return adapter;
}

/// The pair of one module as the file holds it, its scale turned into the file's alpha.
Result<GgufAdapterPair> toPair(const PeftAdapter& adapter, const std::string& module, const TensorSlot& slot, const ModelSource& base, double alpha)
{
    const bool isEmbedding = slot.role == Role::Embedding;
    const auto* a = adapter.find(module, isEmbedding ? "lora_embedding_A" : "lora_A");
    const auto* b = adapter.find(module, isEmbedding ? "lora_embedding_B" : "lora_B");
    if (!a || !b)
        return mismatch(base, fmt::format("{} has matrices of the other kind of layer", module));
    GgufAdapterPair pair;
    pair.base = slot.ggufName;
    pair.rank = adapter.rankOf(module);
    ATTUNE_TRY(pair.a, a->values());
    ATTUNE_TRY(pair.b, b->values());
    pair.shapeA = a->shape;
    pair.shapeB = b->shape;
    if (isEmbedding) {
        pair.a = transposed(pair.a, a->shape[0], a->shape[1]);
        std::swap(pair.shapeA[0], pair.shapeA[1]);
    } else if (movesRows(slot)) {
        pair.b = reorderRows(pair.b, pair.rank, slot, base.spec, true);
    }
    const double fileScale = alpha / static_cast<double>(pair.rank);
    const auto correction = static_cast<float>(adapter.scaleOf(module) / fileScale);
    if (std::abs(correction - 1.0f) > 1e-6f)
        for (float& value : pair.b)
            value *= correction;
    return pair;
}

}

Result<formats::PeftAdapter> readAdapter(const std::string& path, const ModelSource& base)
{
    if (!base.family)
        return fail(ErrorCode::ModelUnsupported, fmt::format("{} cannot take an adapter: {}", base.name, base.reason), "Choose another base model.");
    std::error_code error;
    if (!fs::exists(path, error))
        return fail(ErrorCode::ModelMissing, fmt::format("There is no adapter at {}.", path), "Check the path.");
    if (fs::is_directory(path, error)) {
        ATTUNE_TRY(auto adapter, PeftAdapter::open(path));
        ATTUNE_RETURN_IF_ERROR(checkAdapter(adapter, base));
        return adapter;
    }
    return fromGguf(path, base);
}

Status checkAdapter(const formats::PeftAdapter& adapter, const ModelSource& base)
{
    const auto slots = slotsBy(base, false);
    for (const auto& tensor : adapter.tensors()) {
        const bool isPair = tensor.part.starts_with("lora_A") || tensor.part.starts_with("lora_B") || tensor.part.starts_with("lora_embedding_");
        if (!isPair && tensor.part != "ia3_l" && tensor.part != "lora_magnitude_vector")
            continue;
        const auto slot = slots.find(tensor.module);
        if (slot == slots.end())
            return mismatch(base, fmt::format("there is no module {}", tensor.module));
        const auto& weight = slot->second.shape;
        if (weight.size() != 2)
            return mismatch(base, fmt::format("{} is no linear layer", tensor.module));
        const bool fits = tensor.part == "lora_A" ? tensor.shape[1] == weight.at(1)
            : tensor.part == "lora_B"             ? tensor.shape[0] == weight.at(0)
            : tensor.part == "lora_embedding_A"   ? tensor.shape[1] == weight.at(0)
            : tensor.part == "lora_embedding_B"   ? tensor.shape[0] == weight.at(1)
            : tensor.part == "lora_magnitude_vector" ? tensor.shape == std::vector<std::int64_t> {weight.at(0)}
                                                     : true;
        if (!fits)
            return mismatch(base, fmt::format("{} of {} has shape [{}] for a weight of [{}]", tensor.part, tensor.module, fmt::join(tensor.shape, ", "), fmt::join(weight, ", ")));
    }
    return {};
}

std::string reasonAgainstGguf(const formats::PeftAdapter& adapter, const ModelSource& base)
{
    if (const auto reason = reasonAgainstMerging(adapter); !reason.empty())
        return reason;
    if (adapter.type() != "LORA")
        return fmt::format("A {} adapter has no GGUF form; export the merged model instead.", adapter.type());
    if (base.family && base.family->ggufArchitectures.empty())
        return fmt::format("llama.cpp does not have {}; export the merged model instead.", base.family->displayName);
    if (base.family && base.family->reasonAgainstGguf)
        if (const auto reason = base.family->reasonAgainstGguf(base.spec); !reason.empty())
            return reason;
    if (adapter.usesDora())
        return "A DoRA adapter has no GGUF form; export the merged model instead.";
    const auto slots = slotsBy(base, false);
    for (const auto& tensor : adapter.tensors()) {
        if (tensor.part == "weight" && adapter.find(tensor.module, "lora_embedding_A"))
            continue;  // PEFT copies the frozen table beside a LoRA on it
        if (tensor.part == "weight" || tensor.part == "bias" || tensor.part == "lora_B.bias" || tensor.part == "trainable_tokens_delta")
            return fmt::format("The adapter also trained {} ({}), which has no place in a GGUF adapter; export the merged model instead.", tensor.module, tensor.part);
        const auto slot = slots.find(tensor.module);
        if (slot != slots.end() && slot->second.isOptional && slot->second.role == Role::LmHead)
            return "The adapter sits on a head that shares the embedding's weight, which a GGUF adapter cannot say; export the merged model instead.";
    }
    return {};
}

std::string reasonAgainstMerging(const formats::PeftAdapter& adapter)
{
    const auto type = adapter.type();
    if (type == "PROMPT_TUNING" || type == "P_TUNING" || type == "PREFIX_TUNING")
        return "The run trained virtual tokens, which cannot be merged into the model's weights; export peft gives the adapter for PEFT.";
    if (type == "BOTTLENECK")
        return "The run trained layers between those of the model, which cannot be merged into its weights; export peft gives the adapter for the library adapters.";
    return {};
}

Status writeGgufLora(const std::string& path, const formats::PeftAdapter& adapter, const ModelSource& base, int type)
{
    if (const std::string reason = reasonAgainstGguf(adapter, base); !reason.empty())
        return fail(ErrorCode::Unsupported, reason, "attune export merged or attune export gguf keep everything.");
    ATTUNE_RETURN_IF_ERROR(checkAdapter(adapter, base));
    const auto slots = slotsBy(base, false);
    const auto modules = adapter.loraModules();
    if (modules.empty())
        return fail(ErrorCode::Unsupported, "The adapter holds no LoRA matrices.", "Check the run: did it train anything?");
    // One alpha stands for all modules; what differs goes into B. With one rank this is rsLoRA's alpha·sqrt(r), too.
    const double alpha = adapter.scaleOf(modules.front()) * static_cast<double>(adapter.rankOf(modules.front()));
    if (!(alpha > 0))
        return fail(ErrorCode::Unsupported, "The adapter's lora_alpha is not positive.", "A GGUF adapter needs a positive scale.");
    std::vector<GgufAdapterPair> pairs;
    for (const auto& module : modules) {
        ATTUNE_TRY(auto pair, toPair(adapter, module, slots.at(module), base, alpha));
        pairs.push_back(std::move(pair));
    }
    const std::string name = fs::path(path).stem().string();
    return formats::writeGgufAdapter(path, base.family->ggufArchitectures.front(), name, alpha, pairs, type);
}

}
