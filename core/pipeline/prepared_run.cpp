// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/prepared_run.h"

#include "base/file.h"
#include "families/adapter.h"
#include "pipeline/forecast.h"
#include "pipeline/objective.h"

#include <fmt/format.h>

namespace attune::pipeline {
namespace {

constexpr double kForecastTolerance = 1.05;  // cli.md: refused when the estimate exceeds what is available by more than 5 %

double gib(std::int64_t bytes)
{
    return static_cast<double>(bytes) / (1 << 30);
}

/// Paths and names as they hold from now on: the frozen recipe starts the same run anywhere in this workspace.
Status freeze(PreparedRun& prepared, const ModelPlace& place)
{
    Recipe& recipe = prepared.recipe;
    ATTUNE_RETURN_IF_ERROR(recipe.set("model.base", place.path));
    if (recipe.text("model.adapter").empty() && !place.adapter.empty())
        ATTUNE_RETURN_IF_ERROR(recipe.set("model.adapter", place.adapter));
    const std::string choice = recipe.text("data.template");
    if (std::error_code error; choice.ends_with(".jinja") && fs::exists(absolutePath(choice), error))
        ATTUNE_RETURN_IF_ERROR(recipe.set("data.template", absolutePath(choice)));
    if (recipe.text("data.template_date").empty())
        ATTUNE_RETURN_IF_ERROR(recipe.set("data.template_date", store::nowUtc().substr(0, 10)));
    return {};
}

/// An adapter to start from keeps its own rank and scale; where the recipe says otherwise, that is told.
Status useAdapter(PreparedRun& prepared, const OpenStore& openStore)
{
    const std::string argument = prepared.recipe.text("model.adapter");
    if (argument.empty())
        return {};
    ATTUNE_TRY(const std::string path, findAdapter(openStore, argument));
    ATTUNE_TRY(const auto adapter, families::readAdapter(path, prepared.model));
    ATTUNE_RETURN_IF_ERROR(prepared.recipe.set("model.adapter", path));
    for (const char* key : {"r", "lora_alpha"}) {
        const auto& config = adapter.config();
        const std::string full = std::string("method.") + key;
        if (!config.contains(key) || !config[key].is_number() || prepared.recipe.text("method.type") != "lora"
            || config[key].get<double>() == prepared.recipe.number(full))
            continue;
        if (!prepared.recipe.isDefault(full))
            prepared.warnings.push_back(fmt::format("The adapter's own {} {} is used, not the recipe's {}.", key, config[key].dump(), prepared.recipe.number(full)));
        ATTUNE_RETURN_IF_ERROR(prepared.recipe.set(full, config[key]));
    }
    return {};
}

Status checkMemory(const planner::MemoryPlan& plan, bool isForced)
{
    const auto estimate = plan.estimateBytes();
    if (isForced || static_cast<double>(estimate) <= kForecastTolerance * static_cast<double>(plan.availableBytes))
        return {};
    std::string hint;
    for (const auto& suggestion : plan.suggestions)
        hint += (hint.empty() ? "" : " ") + suggestion.text;
    return fail(ErrorCode::OutOfMemory, fmt::format("This run needs about {:.1f} GiB; {:.1f} GiB are free.", gib(estimate), gib(plan.availableBytes)),
        hint + (hint.empty() ? "" : " ") + "--force starts it anyway.");
}

/// The labels that were found belong to the run: a resumed run and an export need them without the dataset.
Status keepLabels(PreparedRun& prepared)
{
    if (prepared.data.labels.empty())
        return {};
    ATTUNE_RETURN_IF_ERROR(prepared.recipe.set("objective.labels", Json(prepared.data.labels)));
    if (prepared.recipe.text("objective.type") != "classification")
        return {};
    const bool isMultiLabel = prepared.data.labelKind == tokenizer::LabelKind::Flags;
    return prepared.recipe.set("objective.problem_type", isMultiLabel ? "multi_label_classification" : "single_label_classification");
}

}

Result<families::ModelSource> openBase(const ModelPlace& place)
{
    ATTUNE_TRY(auto model, families::openModel(place.path));
    model.name = place.name;
    if (!model.isTrainable)
        return fail(ErrorCode::ModelUnsupported, fmt::format("{} cannot be trained: {}", model.name, model.reason), "Choose another base model.");
    return model;
}

Result<PreparedRun> prepareRun(store::Store& store, const Recipe& recipe, bool isForced, const JobContext& context)
{
    PreparedRun prepared;
    prepared.recipe = recipe;
    ATTUNE_RETURN_IF_ERROR(prepared.recipe.checkComplete());
    const OpenStore openStore = [&store]() -> Result<store::Store*> { return &store; };
    ATTUNE_TRY(const auto place, findModel(openStore, prepared.recipe.text("model.base")));
    ATTUNE_TRY(prepared.model, openBase(place));
    ATTUNE_RETURN_IF_ERROR(freeze(prepared, place));
    ATTUNE_RETURN_IF_ERROR(useAdapter(prepared, openStore));
    if (prepared.recipe.text("objective.type") == "distill" && !prepared.recipe.text("objective.teacher").empty()) {
        ATTUNE_TRY(const auto teacher, openTeacher(openStore, prepared.recipe, prepared.model));
        ATTUNE_RETURN_IF_ERROR(prepared.recipe.set("objective.teacher", teacher.path));
    }
    ATTUNE_TRY(prepared.data, prepareTrainingData(store, prepared.recipe, prepared.model, context));
    ATTUNE_RETURN_IF_ERROR(prepared.recipe.set("data.train", prepared.data.trainName));
    if (!prepared.data.evalName.empty())
        ATTUNE_RETURN_IF_ERROR(prepared.recipe.set("data.eval", prepared.data.evalName));
    ATTUNE_RETURN_IF_ERROR(keepLabels(prepared));
    ATTUNE_TRY(prepared.plan, forecastMemory(prepared.recipe, prepared.model, &store, prepared.data.report.trainedShare()));
    ATTUNE_RETURN_IF_ERROR(checkMemory(prepared.plan, isForced));
    prepared.warnings.insert(prepared.warnings.end(), prepared.data.warnings.begin(), prepared.data.warnings.end());
    return prepared;
}

Status keepShard(const std::string& shard, const std::string& target)
{
    std::error_code error;
    fs::create_hard_link(shard, target, error);
    if (error)
        fs::copy_file(shard, target, fs::copy_options::overwrite_existing, error);
    return error ? failSystem(target, "writing", error.value()) : Status();
}

TrainRequest requestOf(const Recipe& recipe, const families::ModelSource& model, const store::RunRow& row, const std::string& workspace)
{
    TrainRequest request;
    request.recipe = recipe;
    request.model = model;
    request.workspace = workspace;
    request.run = row.id;
    request.folder = row.folder;
    request.trainShard = row.folder + "/" + kTrainShard;
    request.estimateBytes = row.estimateBytes;
    request.trainableParameters = row.summary.value("trainable_parameters", std::int64_t(0));
    request.pieceTokens = row.summary.value("piece_tokens", std::int64_t(0));
    request.keptLayers = row.summary.value("kept_layers", std::int64_t(-1));
    request.inputsOnHost = row.summary.value("inputs_on_host", false);
    return request;
}

void useRows(TrainRequest& request, const TrainingData& data)
{
    request.trainRows = data.trainRows;
    request.evalRows = data.evalRows;
    if (!data.evalRows.empty())
        request.evalShard = request.folder + "/" + (data.evalShard == data.trainShard ? kTrainShard : kEvalShard);
}

}
