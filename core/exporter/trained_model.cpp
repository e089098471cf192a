// SPDX-License-Identifier: GPL-3.0-or-later
#include "exporter/trained_model.h"

#include "model/network/label_head.h"
#include "model/network/network.h"

#include <ATen/ATen.h>

namespace attune::exporter {

at::Tensor TrainedModel::scores(std::span<const std::int32_t> ids) const
{
    if (!head.isThere())
        return model->logits(ids).to(at::kCPU, at::kFloat).contiguous();
    const at::NoGradGuard noGrad;
    model::PackedBatch batch;
    batch.addSequence(ids, {});
    const bool isPerToken = head.kind == families::TaskHead::Kind::Tokens;
    return model::labelLogits(dynamic_cast<model::Network&>(*model), batch, isPerToken).view({-1, head.outputs()}).to(at::kCPU, at::kFloat).contiguous();
}

Result<TrainedModel> loadTrained(const families::ModelSource& source, const std::string& adapter, const JobContext& context, const std::string& dtype,
    const std::string& quantization)
{
    TrainedModel result;
    if (!adapter.empty()) {
        ATTUNE_TRY(result.head, families::headOfAdapter(adapter));
    }
    if (!result.head.isThere())
        result.head = families::headOfModel(source);
    model::LoadOptions options;
    options.dtype = dtype;
    options.quantization = quantization;
    options.needsNetwork = (!adapter.empty() && model::adapterNeedsNetwork(adapter, source));
    ATTUNE_TRY(result.model, model::loadWithHead(source, options, result.head, context));
    result.model->setTraining(false);
    if (!adapter.empty())
        ATTUNE_RETURN_IF_ERROR(model::loadAdapter(*result.model, adapter, false));
    return result;
}

}
