// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/logits.h"

#include "engine/load.h"
#include "formats/safetensors.h"
#include "model/network/label_head.h"
#include "model/network/network.h"

#include <ATen/ATen.h>

namespace attune::engine {

namespace {

Status checkIds(const std::vector<std::vector<std::int32_t>>& sequences, std::int64_t vocabSize)
{
    for (std::size_t i = 0; i < sequences.size(); ++i) {
        if (sequences[i].empty())
            return fail(ErrorCode::FileCorrupt, fmt::format("Sequence {} has no ids.", i), "Give at least one id in each line.");
        for (const auto id : sequences[i]) {
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
    ATTUNE_RETURN_IF_ERROR(checkIds(sequences, spec.vocabSize));
    model->setTraining(false);
    auto* network = dynamic_cast<model::Network*>(model.get());
    ATTUNE_TRY(const auto head, headOf(request));
    const bool hasHead = network && head.isThere();
    const bool hasHidden = network && (hasHead || spec.kind == families::Architecture::Encoder);
    at::Tensor current;  // keeps the bytes of the tensor being written
    Tensors tensors;
    for (std::size_t i = 0; i < sequences.size(); ++i) {
        const auto& ids = sequences[i];
        const auto length = static_cast<std::int64_t>(ids.size());
        const auto add = [&](const std::string& name, std::vector<std::int64_t> shape, auto compute) {
            addTensor(tensors, name, std::move(shape), current, i, sequences.size(), context, compute);
        };
        if (!hasHidden)
            add(std::to_string(i), {length, spec.vocabSize}, [&model, &ids] { return model->logits(ids); });
        if (hasHidden)
            add(fmt::format("{}.hidden", i), {length, spec.hiddenSize}, [network, &ids] { return network->hidden(batchOf(ids)); });
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
