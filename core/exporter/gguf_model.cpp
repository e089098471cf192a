// SPDX-License-Identifier: GPL-3.0-or-later
#include "exporter/gguf_model.h"

#include "base/file.h"
#include "exporter/gguf_vocabulary.h"
#include "exporter/merged_weights.h"
#include "families/config_reader.h"
#include "families/weights.h"
#include "runner/llama_runner.h"

#include <ATen/ATen.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <thread>

namespace attune::exporter {
namespace {

using formats::GgufWriter;
using families::RopeSpec;

struct DirectType {
    std::string_view name;
    int ggml;
    std::uint32_t fileType;  ///< general.file_type
};

/// Types that need no mixing table.
constexpr std::array<DirectType, 3> kDirect {{{"F32", formats::kGgmlF32, 0}, {"F16", formats::kGgmlF16, 1}, {"BF16", formats::kGgmlBF16, 32}}};

constexpr std::uint64_t kFloatFileLimit = 8'000'000'000;  ///< beyond, the float file before quantising is bfloat16

std::string upper(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

void addRope(GgufWriter& writer, const std::string& a, const families::ModelSpec& spec)
{
    const RopeSpec& rope = spec.rope;
    if (rope.kind == RopeSpec::Kind::None)
        return;
    writer.setF32(a + ".rope.freq_base", static_cast<float>(rope.theta));
    writer.setU32(a + ".rope.dimension_count", static_cast<std::uint32_t>(std::llround(static_cast<double>(spec.headDim) * rope.partialFactor)));
    if (rope.kind == RopeSpec::Kind::Linear || rope.kind == RopeSpec::Kind::Yarn) {
        writer.setText(a + ".rope.scaling.type", rope.kind == RopeSpec::Kind::Linear ? "linear" : "yarn");
        writer.setF32(a + ".rope.scaling.factor", static_cast<float>(rope.factor));
    }
    if (rope.kind == RopeSpec::Kind::Yarn && rope.originalContext > 0)
        writer.setU32(a + ".rope.scaling.original_context_length", static_cast<std::uint32_t>(rope.originalContext));
}

/// What the family's architecture reads beside the common keys (formats.md §4.3).
void addFamilyParameters(GgufWriter& writer, const std::string& a, const families::ModelSource& base)
{
    const Json parameters = base.family->ggufParameters ? base.family->ggufParameters(base.spec) : Json::object();
    for (const auto& [key, value] : parameters.items()) {
        if (value.is_boolean())
            writer.setBool(a + "." + key, value.get<bool>());
        else if (value.is_number_integer())
            writer.setU32(a + "." + key, value.get<std::uint32_t>());
        else
            writer.setF32(a + "." + key, value.get<float>());
    }
}

void addHyperparameters(GgufWriter& writer, const std::string& a, const families::ModelSource& base)
{
    const auto& spec = base.spec;
    const auto u32 = [&](const char* key, std::int64_t value) { writer.setU32(a + "." + key, static_cast<std::uint32_t>(value)); };
    u32("block_count", spec.layers);
    u32("context_length", spec.contextLength);
    u32("embedding_length", spec.hiddenSize);
    u32("feed_forward_length", spec.intermediateSize);
    u32("attention.head_count", spec.heads);
    u32("attention.head_count_kv", spec.kvHeads);
    u32("attention.key_length", spec.headDim);
    u32("attention.value_length", spec.headDim);
    u32("vocab_size", spec.vocabSize);
    writer.setF32(a + (spec.norm == families::NormKind::RmsNorm ? ".attention.layer_norm_rms_epsilon" : ".attention.layer_norm_epsilon"), static_cast<float>(spec.normEpsilon));
    if (spec.slidingWindow > 0)
        u32("attention.sliding_window", spec.slidingWindow);
    if (spec.attentionSoftcap > 0)
        writer.setF32(a + ".attn_logit_softcapping", static_cast<float>(spec.attentionSoftcap));
    if (spec.logitSoftcap > 0)
        writer.setF32(a + ".final_logit_softcapping", static_cast<float>(spec.logitSoftcap));
    addFamilyParameters(writer, a, base);
    addRope(writer, a, spec);
}

/// The llama3 and longrope rules as llama.cpp reads them: one factor per frequency, in tensors of their own.
void addRopeFactors(GgufWriter& writer, const families::ModelSpec& spec)
{
    const auto add = [&](const char* name, const std::vector<double>& list) {
        const std::vector<float> values(list.begin(), list.end());
        writer.addTensor(name, formats::kGgmlF32, {static_cast<std::int64_t>(values.size())}, [values](const GgufWriter::Sink& sink) {
            return sink({reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(float)});
        });
    };
    if (spec.rope.kind == RopeSpec::Kind::LongRope) {
        add("rope_factors_long.weight", spec.rope.longFactors);
        add("rope_factors_short.weight", spec.rope.shortFactors);
    }
    std::vector<double> factors = spec.rope.frequencyFactors;
    if (factors.empty() && spec.rope.kind == RopeSpec::Kind::Llama3)
        factors = families::llama3Factors(spec.rope, std::llround(static_cast<double>(spec.headDim) * spec.rope.partialFactor));
    if (!factors.empty())
        add("rope_freqs.weight", factors);
}

/// What the model does that llama.cpp's architecture of that name does not.
Status checkExpressible(const families::ModelSource& base)
{
    const auto kind = base.spec.rope.kind;
    std::string reason;
    if (base.family->ggufArchitectures.empty())
        reason = fmt::format("llama.cpp does not have {}.", base.family->displayName);
    else if (base.family->reasonAgainstGguf)
        reason = base.family->reasonAgainstGguf(base.spec);
    else if (kind == RopeSpec::Kind::Dynamic || kind == RopeSpec::Kind::LongRope)
        reason = "The model's rotary scaling cannot be written to GGUF here.";
    if (!reason.empty())
        return fail(ErrorCode::Unsupported, reason, "Use attune export merged.");
    return {};
}

Status addFromFolder(GgufWriter& writer, const Source& source)
{
    const auto& base = source.base();
    ATTUNE_RETURN_IF_ERROR(checkExpressible(base));
    const std::string architecture = base.family->ggufArchitectures.front();
    writer.setText("general.architecture", architecture);
    writer.setText("general.type", "model");
    addHyperparameters(writer, architecture, base);
    return addVocabulary(writer, base.path, base.spec.vocabSize);
}

Status addFromGguf(GgufWriter& writer, const families::ModelSource& base)
{
    ATTUNE_TRY(const auto file, formats::GgufFile::open(base.path));
    for (const auto& value : file.values())
        if (value.key != "general.file_type" && value.key != "general.quantization_version" && value.key != "general.alignment"
            && !value.key.starts_with("quantize.") && !value.key.starts_with("split."))
            writer.copy(value);
    return {};
}

/// The rows of a matrix as `type`, handed over in slices.
Status writeValues(const at::Tensor& weight, int type, const GgufWriter::Sink& sink)
{
    const std::int64_t width = weight.size(-1), rows = weight.numel() / width;
    const std::int64_t slice = std::max<std::int64_t>(1, (4 << 20) / width);
    std::vector<std::uint8_t> bytes;
    for (std::int64_t row = 0; row < rows; row += slice) {
        const std::int64_t count = std::min(slice, rows - row);
        bytes.resize(formats::ggmlRowBytes(type, width) * static_cast<std::size_t>(count));
        const std::span values(weight.const_data_ptr<float>() + row * width, static_cast<std::size_t>(count * width));
        ATTUNE_RETURN_IF_ERROR(formats::quantise(type, values, width, bytes));
        ATTUNE_RETURN_IF_ERROR(sink(bytes));
    }
    return {};
}

/// float16 ends at 65504; a weight beyond would become infinite and the file useless.
Status checkRange(const at::Tensor& weight, const families::TensorSlot& slot, int type)
{
    const double largest = weight.abs().max().item<double>();
    if (!std::isfinite(largest))
        return fail(ErrorCode::Unsupported, fmt::format("The weight {} holds values that are no numbers.", slot.name), "The run diverged; choose an earlier checkpoint.");
    if (type == formats::kGgmlF16 && largest > 65504)
        return fail(ErrorCode::Unsupported, fmt::format("The weight {} reaches {:.0f}, beyond what float16 holds.", slot.name, largest), "Export as bf16.");
    return {};
}

Status writeFloatGguf(Source& source, const std::string& path, const DirectType& type, const JobContext& context)
{
    ATTUNE_TRY(auto* trained, source.trained(context));
    const auto& base = source.base();
    GgufWriter writer;
    ATTUNE_RETURN_IF_ERROR(addMetadata(writer, source));
    writer.setU32("general.file_type", type.fileType);
    const auto slots = slotsToWrite(base, *trained);
    std::size_t done = 0;
    for (const auto& slot : slots) {
        const int ggml = slot.shape.size() > 1 ? type.ggml : static_cast<int>(formats::kGgmlF32);
        writer.addTensor(slot.ggufName, ggml, slot.shape, [&, ggml, slot](const GgufWriter::Sink& sink) -> Status {
            if (context.isCancelled())
                return fail(ErrorCode::Cancelled, "The export was cancelled.");
            context.report("Writing weights", done++, slots.size());
            const auto weight = toGgufOrder(mergedWeight(*trained, slot), slot, base.spec);
            ATTUNE_RETURN_IF_ERROR(checkRange(weight, slot, ggml));
            return writeValues(weight, ggml, sink);
        });
    }
    addRopeFactors(writer, base.spec);
    ATTUNE_RETURN_IF_ERROR(checkFreeDisk(path, writer.dataBytes()));
    return writer.write(path);
}

}

Status addMetadata(GgufWriter& writer, const Source& source)
{
    ATTUNE_RETURN_IF_ERROR(source.base().format == families::ModelFormat::Gguf ? addFromGguf(writer, source.base()) : addFromFolder(writer, source));
    writer.setText("general.name", source.request().run.empty() ? source.base().name : source.request().run);
    ATTUNE_TRY(const auto chatTemplate, source.chatTemplate());
    if (chatTemplate)
        writer.setText("tokenizer.chat_template", *chatTemplate);
    return {};
}

Status writeMergedGguf(Source& source, const std::string& path, const std::string& type, const JobContext& context)
{
    const std::string name = upper(type);
    const auto known = runner::quantisationNames();
    if (std::find(known.begin(), known.end(), name) == known.end())
        return fail(ErrorCode::Usage, fmt::format("\"{}\" is no type that a GGUF can be written in.", type), fmt::format("One of: {}.", fmt::join(known, ", ")));
    const auto direct = std::find_if(kDirect.begin(), kDirect.end(), [&](const DirectType& t) { return t.name == name; });
    if (direct != kDirect.end())
        return writeFloatGguf(source, path, *direct, context);
    const auto floats = static_cast<std::uint64_t>(source.base().parameters) * 4;
    const std::string between = path + ".float";
    auto status = writeFloatGguf(source, between, floats <= kFloatFileLimit ? kDirect[0] : kDirect[2], context);
    if (status) {
        source.unload();  // quantising needs the memory
        context.report(fmt::format("Quantising to {}", name), 0, 0);
        status = runner::quantiseModel(between, path, name, static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
    }
    std::error_code ignored;
    fs::remove(between, ignored);
    return status;
}

Status writeBaseGguf(const families::ModelSource& base, const std::string& path, const JobContext& context)
{
    ATTUNE_TRY(const auto weights, families::Weights::open(base));
    ATTUNE_RETURN_IF_ERROR(checkExpressible(base));
    GgufWriter writer;
    const std::string architecture = base.family->ggufArchitectures.front();
    writer.setText("general.architecture", architecture);
    addHyperparameters(writer, architecture, base);
    writer.setText("tokenizer.ggml.model", "none");
    for (const auto& slot : base.family->tensors(base.spec)) {
        if (slot.isOptional)
            continue;
        ATTUNE_TRY(const auto stored, weights.stored(slot));
        const int ggml = slot.shape.size() > 1 && stored.ggmlType >= 0 ? stored.ggmlType : static_cast<int>(formats::kGgmlF32);
        writer.addTensor(slot.ggufName, ggml, slot.shape, [&, ggml, slot](const GgufWriter::Sink& sink) -> Status {
            if (context.isCancelled())
                return fail(ErrorCode::Cancelled, "The export was cancelled.");
            auto values = at::empty(slot.shape, at::kFloat);
            ATTUNE_RETURN_IF_ERROR(weights.read(slot, {values.data_ptr<float>(), static_cast<std::size_t>(values.numel())}));
            return writeValues(toGgufOrder(values, slot, base.spec), ggml, sink);
        });
    }
    addRopeFactors(writer, base.spec);
    ATTUNE_RETURN_IF_ERROR(checkFreeDisk(path, writer.dataBytes()));
    return writer.write(path);
}

}
