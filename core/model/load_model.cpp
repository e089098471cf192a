// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/log.h"
#include "families/fast_decoder.h"
#include "families/weights.h"
#include "model/decoder.h"
#include "model/device.h"
#include "model/idle_threads.h"
#include "model/network/label_head.h"
#include "model/network/network.h"
#include "model/quantised/gguf_blocks.h"
#include "model/quantised/int8.h"
#include "model/quantised/nf4.h"
#include "model/tensor_memory.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <mutex>

namespace attune::model {

namespace {

/// Dequantises one weight; float32, so at most one weight at a time is held in that type. Large ones
/// (an embedding) are read in slices and rounded as they come.
Result<at::Tensor> readTensor(const families::Weights& weights, const families::TensorSlot& slot, at::ScalarType type)
{
    if (!weights.has(slot)) {
        if (slot.isOptional)
            return at::Tensor();
        return fail(ErrorCode::ModelCorrupt, fmt::format("The tensor {} is missing.", slot.name), "Download or convert the model again.");
    }
    auto tensor = at::empty(slot.shape, type);
    const auto rows = slot.shape.front(), width = tensor.numel() / std::max<std::int64_t>(rows, 1);
    const auto slice = std::clamp<std::int64_t>((4 << 20) / std::max<std::int64_t>(width, 1), 1, rows);
    std::vector<float> values(type == at::kFloat ? 0 : static_cast<std::size_t>(slice * width));
    for (std::int64_t row = 0; row < rows; row += slice) {
        const auto count = std::min(slice, rows - row);
        const auto part = tensor.narrow(0, row, count);
        if (type == at::kFloat) {
            ATTUNE_RETURN_IF_ERROR(weights.readRows(slot, row, {part.data_ptr<float>(), static_cast<std::size_t>(count * width)}));
            continue;
        }
        const std::span<float> out(values.data(), static_cast<std::size_t>(count * width));
        ATTUNE_RETURN_IF_ERROR(weights.readRows(slot, row, out));
        part.copy_(at::from_blob(out.data(), part.sizes(), at::kFloat));
    }
    weights.release(slot);
    return tensor;
}

/// MKL's vector functions choose their code in their first call. Two threads at once in it were seen to compute one pass with errors
/// of a thousandth (cos and sin, one process in 500), so one thread makes that call. Single numbers stay on the calling thread.
void chooseVectorFunctions()
{
    static std::once_flag once;
    std::call_once(once, [] {
        const auto one = at::ones({1}, at::kFloat);
        for (const auto function : {at::cos, at::sin, at::exp, at::log, at::erf, at::sqrt, at::tan})
            (void)function(one);
    });
}

/// How model.quantization keeps the frozen linears; head, embeddings and norms stay as they are, as in
/// bitsandbytes, but for the blocks of a GGUF file.
Result<GiveSource> sourceFor(const std::string& quantization, const std::shared_ptr<const families::Weights>& weights, const families::ModelSource& model, at::Device device)
{
    if (quantization == "none" || quantization.empty())
        return GiveSource();
    if (quantization == "keep" && model.format == families::ModelFormat::Gguf)
        return GiveSource([weights, device](const families::TensorSlot& slot) { return ggufBlocks(weights, slot, device); });
    if (quantization != "nf4" && quantization != "int8")
        return fail(ErrorCode::RecipeConflict, fmt::format("The weights of {} cannot be kept as {}.", model.name, quantization), "Use none, nf4 or int8; keep needs a GGUF file.");
    const bool isNf4 = quantization == "nf4";
    return GiveSource([weights, device, isNf4](const families::TensorSlot& slot) -> Result<std::shared_ptr<const WeightSource>> {
        if (!slot.isLinear || slot.role == families::Role::LmHead || families::isOfHead(slot) || slot.shape.size() != 2 || !weights->has(slot))
            return std::shared_ptr<const WeightSource>();
        ATTUNE_TRY(const auto values, readTensor(*weights, slot, at::kFloat));
        return isNf4 ? nf4Source(values, device) : int8Source(values, device);
    });
}

/// A head that the base does not have yet, as HF begins it: N(0, 0.02), norms 1, biases 0; the same in every run.
at::Tensor newHeadWeight(const families::TensorSlot& slot, at::ScalarType type)
{
    constexpr double kDeviation = 0.02;
    if (slot.shape.size() < 2)
        return slot.role == families::Role::Norm && slot.name.ends_with(".weight") ? at::ones(slot.shape, type) : at::zeros(slot.shape, type);
    auto generator = at::detail::createCPUGenerator(42);
    return at::empty(slot.shape, at::kFloat).normal_(0, kDeviation, generator).to(type);
}

/// The file stays open as long as the network: weights that begin to train later are read again.
Result<std::unique_ptr<CausalLm>> loadNetwork(const families::ModelSource& source, const Placement& placement, const std::string& quantization, const families::TaskHead& head,
    const JobContext& context)
{
    ATTUNE_TRY(auto opened, families::Weights::open(source));
    const auto weights = std::make_shared<families::Weights>(std::move(opened));
    NetworkOptions options;
    options.placement = placement;
    // A head for other labels than the wanted ones says nothing about these; what a single number is called says nothing at all.
    const auto own = families::headOfModel(source);
    const bool isNumber = own.outputs() == 1 && head.outputs() == 1;
    const bool isOther = own.isThere() && (own.kind != head.kind || (own.labels != head.labels && !isNumber));
    const auto isNew = [weights, isOther](const families::TensorSlot& slot) {
        const bool isHead = families::isOfHead(slot) || families::isPooler(slot);
        return isHead && (!weights->has(slot) || (isOther && slot.ggufName.starts_with("cls.output.")));
    };
    options.read = [weights, isNew](const families::TensorSlot& slot, at::ScalarType type) -> Result<at::Tensor> {
        return isNew(slot) ? newHeadWeight(slot, type) : readTensor(*weights, slot, type);
    };
    ATTUNE_TRY(options.source, sourceFor(quantization, weights, source, placement.device));
    const auto slots = families::withHead(source.family->tensors(source.spec), source.spec, head);
    ATTUNE_TRY(auto network, Network::build(source.spec, slots, std::move(options), context));
    network->source = source;
    for (const auto& slot : slots)
        if (isNew(slot))
            network->newSlots.insert(slot.name);
    return std::unique_ptr<CausalLm>(std::move(network));
}

}

Result<std::unique_ptr<CausalLm>> loadModel(const families::ModelSource& source, const LoadOptions& options, const JobContext& context)
{
    return loadWithHead(source, options, families::headOfModel(source), context);
}

Result<std::unique_ptr<CausalLm>> loadWithHead(const families::ModelSource& source, const LoadOptions& options, const families::TaskHead& head, const JobContext& context)
{
    letIdleThreadsSleep();
    useTensorBlocks();
    chooseVectorFunctions();
    ATTUNE_TRY(const auto device, resolveDevice(options.device));
    // The blocks of a GGUF file are trained on for their exact values: bfloat16 would round what they hold once more.
    const bool isExact = options.dtype == "auto" && options.quantization == "keep" && device.is_cpu();
    ATTUNE_TRY(const auto stored, resolveDtype(isExact ? "float32" : options.dtype, device));
    const Placement placement {device, stored, computeType(stored, device), options.trainsBase};
    if (placement.compute != stored && stored == at::kBFloat16)
        logWarning("This CPU cannot multiply bfloat16: weights are stored so and computed in float32.");
    // The blocks of a GGUF file may be those of the embedding, too, and some of its weights may be plain: the network holds them as they come.
    if (options.needsNetwork || options.quantization == "keep" || head.isThere() || !families::runsOnFastDecoder(source.spec))
        return loadNetwork(source, placement, options.quantization, head, context);
    ATTUNE_TRY(auto opened, families::Weights::open(source));
    const auto weights = std::make_shared<families::Weights>(std::move(opened));
    // float32 masters must come from the file's own precision.
    const auto readAs = options.trainsBase ? at::kFloat : stored;
    const auto read = [&](const families::TensorSlot& slot) { return readTensor(*weights, slot, readAs); };
    ATTUNE_TRY(const auto give, sourceFor(options.quantization, weights, source, device));
    ATTUNE_TRY(auto model, Decoder::build(source.spec, source.family->tensors(source.spec), placement, read, context, give));
    model->source = source;
    return std::unique_ptr<CausalLm>(std::move(model));
}

}
