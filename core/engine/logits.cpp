// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/logits.h"

#include "engine/load.h"
#include "formats/safetensors.h"

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

Status writeLogits(const pipeline::ModelWithAdapter& request, const std::vector<std::vector<std::int32_t>>& sequences,
    const std::string& out, const JobContext& context)
{
    ATTUNE_TRY(const auto model, loadForUse(request, context));
    const auto vocabSize = model->spec().vocabSize;
    ATTUNE_RETURN_IF_ERROR(checkIds(sequences, vocabSize));
    at::Tensor current;  // keeps the bytes of the tensor being written
    std::vector<formats::TensorToWrite> tensors;
    for (std::size_t i = 0; i < sequences.size(); ++i) {
        const auto& ids = sequences[i];
        tensors.push_back({std::to_string(i), formats::DType::F32, {static_cast<std::int64_t>(ids.size()), vocabSize}, [&, i]() -> Result<std::span<const std::uint8_t>> {
            if (context.isCancelled())
                return fail(ErrorCode::Cancelled, "Computing logits was cancelled.");
            context.report("Computing logits", i, sequences.size());
            current.reset();
            current = model->logits(ids).to(at::kCPU).contiguous();
            return std::span(static_cast<const std::uint8_t*>(current.data_ptr()), current.nbytes());
        }});
    }
    return formats::writeSafetensors(out, std::move(tensors));
}

}
