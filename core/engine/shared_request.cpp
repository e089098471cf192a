// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/shared_request.h"

#include "base/file.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <fmt/format.h>

namespace attune::engine {
namespace {

using pipeline::TrainRequest;

Json toJson(const TrainRequest& request)
{
    return {{"recipe", request.recipe.toYaml()}, {"model", request.model.path}, {"workspace", request.workspace}, {"run", request.run}, {"folder", request.folder},
        {"train_shard", request.trainShard}, {"eval_shard", request.evalShard}, {"train_rows", request.trainRows.size()}, {"eval_rows", request.evalRows.size()},
        {"estimate_bytes", request.estimateBytes}, {"trainable_parameters", request.trainableParameters}, {"piece_tokens", request.pieceTokens}, {"kept_layers", request.keptLayers},
        {"inputs_on_host", request.inputsOnHost},
        {"is_resume", request.isResume}, {"resume_from", request.resumeFrom}};
}

Result<TrainRequest> fromJson(const Json& json)
{
    TrainRequest request;
    request.folder = json.value("folder", "");
    std::error_code error;
    if (!fs::exists(request.folder, error))
        return fail(ErrorCode::FileMissing, fmt::format("This computer does not see {}, the folder of the run.", request.folder),
            "Put the workspace on a disk that all computers of the run share.");
    ATTUNE_TRY(request.recipe, pipeline::Recipe::parse(json.value("recipe", ""), request.folder));
    ATTUNE_TRY(request.model, families::openModel(json.value("model", "")));
    request.workspace = json.value("workspace", "");
    request.run = json.value("run", "");
    request.trainShard = json.value("train_shard", "");
    request.evalShard = json.value("eval_shard", "");
    request.trainRows.resize(json.value("train_rows", std::size_t(0)));
    request.evalRows.resize(json.value("eval_rows", std::size_t(0)));
    request.estimateBytes = json.value("estimate_bytes", std::int64_t(0));
    request.trainableParameters = json.value("trainable_parameters", std::int64_t(0));
    request.pieceTokens = json.value("piece_tokens", std::int64_t(0));
    request.keptLayers = json.value("kept_layers", std::int64_t(-1));
    request.inputsOnHost = json.value("inputs_on_host", false);
    request.isResume = json.value("is_resume", false);
    request.resumeFrom = json.value("resume_from", "");
    return request;
}

at::Tensor over(std::vector<std::int64_t>& rows)
{
    return at::from_blob(rows.data(), {static_cast<std::int64_t>(rows.size())}, at::kLong);
}

}

Result<TrainRequest> shareRequest(trainer::RankGroup& group, const TrainRequest& request)
{
    ATTUNE_TRY(const std::string text, group.share(group.isFirst() ? toJson(request).dump() : std::string()));
    TrainRequest shared = request;
    if (!group.isFirst()) {
        ATTUNE_TRY(const Json json, parseJson(text));
        ATTUNE_TRY(shared, fromJson(json));
    }
    for (auto* rows : {&shared.trainRows, &shared.evalRows})
        if (!rows->empty())
            ATTUNE_RETURN_IF_ERROR(group.share(std::vector<at::Tensor> {over(*rows)}));
    return shared;
}

}
