// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/logits.h"

#include "engine/load.h"
#include "families/pooling.h"
#include "formats/safetensors.h"
#include "model/network/label_head.h"
#include "model/network/network.h"

#include <ATen/ATen.h>

namespace attune::engine {

namespace {

Status checkIds(const std::vector<std::vector<std::int32_t>>& sequences, const families::ModelSpec& spec)
{
    const auto vocabSize = spec.vocabSize;
    for (std::size_t i = 0; i < sequences.size(); ++i) {
        const auto& ids = sequences[i];
        if (ids.empty())
            return fail(ErrorCode::FileCorrupt, fmt::format("Sequence {} has no ids.", i), "Give at least one id in each line.");
        if (spec.learnedPositions && static_cast<std::int64_t>(ids.size()) > spec.contextLength)
            return fail(ErrorCode::FileCorrupt, fmt::format("Sequence {} has {} ids, the model has positions for {}.", i, ids.size(), spec.contextLength), "Cut it into shorter ones.");
        for (const auto id : ids) {
            if (id < 0 || id >= vocabSize)
                return fail(ErrorCode::FileCorrupt, fmt::format("Sequence {} holds the id {}, the vocabulary has {} tokens.", i, id, vocabSize), "Tokenise with this model's own tokenizer.");
        }
    }
    return {};
}

}

namespace {

using Tensors = std::vector<formats::TensorToWrite>;

/// A tensor that is computed when it is written, so that one at a time is held.
template<typename Compute>
void addTensor(Tensors& tensors, const std::string& name, std::vector<std::int64_t> shape, at::Tensor& current, std::size_t index, std::size_t count,
    const JobContext& context, Compute compute)
{
    tensors.push_back({name, formats::DType::F32, std::move(shape), [&current, &context, index, count, compute]() -> Result<std::span<const std::uint8_t>> {
        if (context.isCancelled())
            return fail(ErrorCode::Cancelled, "Computing logits was cancelled.");
        context.report("Computing logits", index, count);
        const at::NoGradGuard noGrad;
        current.reset();
        current = compute().to(at::kCPU, at::kFloat).contiguous();
        return std::span(static_cast<const std::uint8_t*>(current.data_ptr()), current.nbytes());
    }});
}

/// One vector [C] of a text's token states [T, C].
at::Tensor embeddingOf(const at::Tensor& hidden, const families::Pooling& pooling)
{
    using Mode = families::Pooling::Mode;
    const auto wide = hidden.to(at::kFloat);
    const auto vector = pooling.mode == Mode::First ? wide.select(0, 0) : pooling.mode == Mode::Maximum ? std::get<0>(wide.max(0)) : wide.mean(0);
    return pooling.isNormalised ? vector / vector.norm().clamp_min(1e-12) : vector;
}

model::PackedBatch batchOf(const std::vector<std::int32_t>& ids)
{
    model::PackedBatch batch;
    batch.addSequence(ids, {});
    return batch;
}

}

Status writeLogits(const pipeline::ModelWithAdapter& request, const std::vector<std::vector<std::int32_t>>& sequences,
    const std::string& out, const JobContext& context)
{
    ATTUNE_TRY(const auto model, loadForUse(request, context));
    const auto& spec = model->spec();
    ATTUNE_RETURN_IF_ERROR(checkIds(sequences, spec));
    model->setTraining(false);
    auto* network = dynamic_cast<model::Network*>(model.get());
    ATTUNE_TRY(const auto head, headOf(request));
    const bool hasHead = network && head.isThere();
    const bool isEncoder = spec.kind == families::Architecture::Encoder;
    const bool hasHidden = network && (hasHead || spec.kind != families::Architecture::Decoder);
    families::Pooling pooling;
    if (isEncoder && !hasHead) {
        ATTUNE_TRY(pooling, families::poolingOf(request.model));
    }
    at::Tensor current;  // keeps the bytes of the tensor being written
    Tensors tensors;
    for (std::size_t i = 0; i < sequences.size(); ++i) {
        const auto& ids = sequences[i];
        const auto length = static_cast<std::int64_t>(ids.size());
        const auto add = [&](const std::string& name, std::vector<std::int64_t> shape, auto compute) {
            addTensor(tensors, name, std::move(shape), current, i, sequences.size(), context, compute);
        };
        if (!hasHead && !isEncoder)
            add(std::to_string(i), {length, spec.vocabSize}, [&model, &ids] { return model->logits(ids); });
        if (hasHidden)
            add(fmt::format("{}.hidden", i), {length, spec.hiddenSize}, [network, &ids] { return network->hidden(batchOf(ids)); });
        if (!hasHead && isEncoder)
            add(fmt::format("{}.embedding", i), {spec.hiddenSize}, [network, &ids, pooling] { return embeddingOf(network->hidden(batchOf(ids)), pooling); });
        if (!hasHead && isEncoder && network->hasTextHead())
            add(fmt::format("{}.logits", i), {length, spec.vocabSize}, [&model, &ids] { return model->logits(ids); });
        if (!hasHead)
            continue;
        const auto labels = head.outputs();
        const bool isPerToken = head.kind == families::TaskHead::Kind::Tokens;
        add(fmt::format("{}.logits", i), isPerToken ? std::vector<std::int64_t> {length, labels} : std::vector<std::int64_t> {labels},
            [network, &ids, isPerToken] {
                const auto logits = model::labelLogits(*network, batchOf(ids), isPerToken);
                return isPerToken ? logits : logits.view({-1});
            });
    }
    return formats::writeSafetensors(out, std::move(tensors));
}

}
