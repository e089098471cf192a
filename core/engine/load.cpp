// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/load.h"

#include "model/network/label_head.h"

#include <ATen/Parallel.h>

namespace attune::engine {

Result<families::TaskHead> headOf(const pipeline::ModelWithAdapter& request)
{
    families::TaskHead head;
    if (!request.adapter.empty()) {
        ATTUNE_TRY(head, families::headOfAdapter(request.adapter));
    }
    return head.isThere() ? head : families::headOfModel(request.model);
}

Result<std::unique_ptr<model::CausalLm>> loadForUse(const pipeline::ModelWithAdapter& request, const JobContext& context, bool needsNetwork)
{
    if (request.threads > 0)
        at::set_num_threads(request.threads);
    if (!request.model.isTrainable)
        return fail(ErrorCode::ModelUnsupported, fmt::format("{} cannot be run here: {}", request.model.name, request.model.reason), "Choose another model.");
    model::LoadOptions options;
    options.dtype = request.dtype;
    options.device = request.device;
    ATTUNE_TRY(const auto head, headOf(request));
    options.needsNetwork = needsNetwork || head.isThere() || (!request.adapter.empty() && model::adapterNeedsNetwork(request.adapter, request.model));
    ATTUNE_TRY(auto loaded, model::loadWithHead(request.model, options, head, context));
    if (!request.adapter.empty()) {
        ATTUNE_RETURN_IF_ERROR(model::loadAdapter(*loaded, request.adapter, false));
        loaded->setAdapterScale(request.adapterScale);
    }
    return loaded;
}

}
