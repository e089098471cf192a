// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/run_job.h"

#include "base/file.h"
#include "base/log.h"
#include "families/adapter.h"
#include "methods/method.h"
#include "pipeline/checkpoints.h"
#include "pipeline/forecast.h"
#include "pipeline/model_lookup.h"
#include "pipeline/objective.h"
#include "pipeline/run_recorder.h"
#include "pipeline/training_data.h"

#include <fmt/format.h>

#include <ctime>

namespace attune::pipeline {
namespace {

constexpr double kForecastTolerance = 1.05;  // cli.md: refused when the estimate exceeds what is available by more than 5 %
constexpr const char* kTrainShard = "train.tokens";
constexpr const char* kEvalShard = "eval.tokens";

double gib(std::int64_t bytes)
{
    return static_cast<double>(bytes) / (1 << 30);
}

/// Everything a new run is made from, found before anything is written.
struct Prepared {
    Recipe recipe;  ///< with absolute paths
    families::ModelSource model;
    TrainingData data;
    planner::MemoryPlan plan;
    std::vector<std::string> warnings;
};

Result<families::ModelSource> openBase(const ModelPlace& place)
{
    ATTUNE_TRY(auto model, families::openModel(place.path));
    model.name = place.name;
    if (!model.isTrainable)
        return fail(ErrorCode::ModelUnsupported, fmt::format("{} cannot be trained: {}", model.name, model.reason), "Choose another base model.");
    return model;
}

/// Paths and names as they hold from now on: the frozen recipe starts the same run anywhere in this workspace.
Status freeze(Prepared& prepared, const ModelPlace& place)
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
Status useAdapter(Prepared& prepared, const OpenStore& openStore)
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
Status keepLabels(Prepared& prepared)
{
    if (prepared.data.labels.empty())
        return {};
    ATTUNE_RETURN_IF_ERROR(prepared.recipe.set("objective.labels", Json(prepared.data.labels)));
    if (prepared.recipe.text("objective.type") != "classification")
        return {};
    const bool isMultiLabel = prepared.data.labelKind == tokenizer::LabelKind::Flags;
    return prepared.recipe.set("objective.problem_type", isMultiLabel ? "multi_label_classification" : "single_label_classification");
}

Result<Prepared> prepare(store::Store& store, const RunStart& start, const JobContext& context)
{
    Prepared prepared;
    prepared.recipe = start.recipe;
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
    ATTUNE_RETURN_IF_ERROR(checkMemory(prepared.plan, start.isForced));
    prepared.warnings.insert(prepared.warnings.end(), prepared.data.warnings.begin(), prepared.data.warnings.end());
    return prepared;
}

/// A link, so that clearing the cache cannot stop a resume; a copy where the file system has none.
Status keepShard(const std::string& shard, const std::string& target)
{
    std::error_code error;
    fs::create_hard_link(shard, target, error);
    if (error)
        fs::copy_file(shard, target, fs::copy_options::overwrite_existing, error);
    return error ? failSystem(target, "writing", error.value()) : Status();
}

store::RunRow rowOf(const Prepared& prepared)
{
    store::RunRow row;
    row.name = prepared.recipe.name();
    row.status = store::RunStatus::Queued;
    row.model = prepared.model.name;
    row.method = prepared.recipe.text("method.type");
    row.dataset = prepared.data.trainName;
    row.estimateBytes = prepared.plan.estimateBytes();
    row.summary = {{"model_path", prepared.model.path}, {"keeps_best", prepared.recipe.boolean("checkpoints.keep_best")},
        {"trainable_parameters", prepared.plan.trainableParameters}, {"piece_tokens", prepared.plan.pieceTokens},
        {"train_rows", prepared.data.trainRows.size()}, {"eval_rows", prepared.data.evalRows.size()}, {"data", prepared.data.report.toJson()},
        {"hashes", {{"dataset", prepared.data.contentHash}, {"tokenizer", prepared.data.tokenizerHash}}}};
    return row;
}

/// Writes the run's own files and takes its lock. The row is in the database from here on.
Result<store::RunLock> makeRun(store::Store& store, const Prepared& prepared, store::RunRow& row)
{
    ATTUNE_RETURN_IF_ERROR(store.createRun(row));
    ATTUNE_TRY(auto lock, store::RunLock::acquire(row.folder));
    row.recipe = row.folder + "/recipe.yaml";
    row.status = store::RunStatus::Running;
    ATTUNE_RETURN_IF_ERROR(writeFileAtomically(row.recipe, prepared.recipe.toYaml()));
    ATTUNE_RETURN_IF_ERROR(keepShard(prepared.data.trainShard, row.folder + "/" + kTrainShard));
    if (!prepared.data.evalShard.empty() && prepared.data.evalShard != prepared.data.trainShard)
        ATTUNE_RETURN_IF_ERROR(keepShard(prepared.data.evalShard, row.folder + "/" + kEvalShard));
    ATTUNE_RETURN_IF_ERROR(store.updateRun(row));
    return lock;
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
    return request;
}

std::string withHint(const Error& error)
{
    return error.hint.empty() ? error.message : error.message + " " + error.hint;
}

/// Trains with the lock held and leaves the row in its final state, whatever happens.
Result<RunFinished> trainAndRecord(TrainRequest& request, RunRecorder& recorder, const JobContext& context)
{
    request.takeCommands = [&recorder] { return recorder.takeCommands(); };
    auto engine = openEngine();
    auto result = engine ? (*engine)->train(request, recorder, context) : Result<RunFinished>(engine.error());
    if (result) {
        ATTUNE_RETURN_IF_ERROR(recorder.close(store::statusFromName(result->status).value_or(store::RunStatus::Completed), {}));
        return result;
    }
    const Error& error = result.error();
    auto status = error.code == ErrorCode::Cancelled ? store::RunStatus::Stopped : store::RunStatus::Failed;
    if (recorder.hasFinished()) {
        status = recorder.row().status;  // a rule ended it: the trainer said how
    } else {
        const auto row = recorder.row();
        RunFinished finished;
        finished.status = std::string(store::statusName(status));
        finished.run = row.id;
        finished.stepsDone = row.stepsDone;
        finished.trainLoss = row.trainLoss.value_or(0.0);
        finished.hasEvalLoss = row.evalLoss.has_value();
        finished.evalLoss = row.evalLoss.value_or(0.0);
        finished.tokens = row.tokens;
        finished.seconds = row.seconds;
        finished.bestStep = row.bestStep;
        finished.peakMemoryBytes = row.peakMemoryBytes;
        if (const auto checkpoints = checkpointsOf(row.folder); !checkpoints.empty())
            finished.adapter = checkpoints.back().weights();
        recorder.post(finished);
        if (status == store::RunStatus::Stopped) {
            ATTUNE_RETURN_IF_ERROR(recorder.close(status, {}));
            return finished;
        }
    }
    ATTUNE_RETURN_IF_ERROR(recorder.close(status, withHint(error)));
    return result;
}

void teachForecast(store::Store& store, const Recipe& recipe, const store::RunRow& row)
{
    if (row.estimateBytes <= 0 || row.peakMemoryBytes <= 0 || row.stepsDone < 2)
        return;
    if (const auto input = planInput(recipe, &store); input)
        if (const auto status = learnMemory(store, *input, row.estimateBytes, row.peakMemoryBytes); !status)
            logWarning("The memory forecast did not learn: {}", status.error().message);
}

/// samples.jsonl without what a resume will say again.
Status truncateSamples(const std::string& folder, std::int64_t afterStep)
{
    const auto text = readFile(folder + "/samples.jsonl");
    if (!text)
        return {};
    std::string kept;
    for (std::size_t begin = 0; begin < text->size();) {
        const auto end = std::min(text->find('\n', begin), text->size());
        const auto line = text->substr(begin, end - begin);
        if (const auto json = parseJson(line); json && json->value("step", std::int64_t(0)) <= afterStep)
            kept += line + "\n";
        begin = end + 1;
    }
    return writeFileAtomically(folder + "/samples.jsonl", kept);
}

}

Result<RunFinished> startRun(const RunStart& start, EventSink& sink, const JobContext& context)
{
    ATTUNE_TRY(const auto store, store::Store::open(start.workspace));
    ATTUNE_TRY(const auto prepared, prepare(*store, start, context));
    if (context.isCancelled())
        return fail(ErrorCode::Cancelled, "The run was cancelled before it began.");
    ATTUNE_RETURN_IF_ERROR([&]() -> Status {
        const auto engine = openEngine();
        return engine ? Status() : Status(engine.error());
    }());
    store::RunRow row = rowOf(prepared);
    ATTUNE_TRY(const auto lock, makeRun(*store, prepared, row));
    TrainRequest request = requestOf(prepared.recipe, prepared.model, row, start.workspace);
    request.trainRows = prepared.data.trainRows;
    request.evalRows = prepared.data.evalRows;
    if (!prepared.data.evalRows.empty())
        request.evalShard = row.folder + "/" + (prepared.data.evalShard == prepared.data.trainShard ? kTrainShard : kEvalShard);
    request.isInteractive = start.isInteractive;
    request.isForced = start.isForced;
    RunRecorder recorder(*store, row, sink);
    for (const auto& warning : prepared.warnings)
        recorder.alertAfterStart({0, "warning", warning, "", "", ""});
    auto result = trainAndRecord(request, recorder, context);
    teachForecast(*store, prepared.recipe, recorder.row());
    return result;
}

Result<RunFinished> resumeRun(const RunResume& resume, EventSink& sink, const JobContext& context)
{
    ATTUNE_TRY(const auto store, store::Store::open(resume.workspace));
    ATTUNE_TRY(auto row, store->run(resume.run));
    ATTUNE_TRY(const auto lock, store::RunLock::acquire(row.folder));
    ATTUNE_TRY(row, store->run(row.id));
    if (row.status == store::RunStatus::Completed)
        return fail(ErrorCode::RunState, fmt::format("{} is completed: there is nothing to resume.", row.id), "Start a new run from it: attune run start … --init-adapter " + row.id + ".");
    ATTUNE_TRY(const auto recipe, Recipe::read(row.folder + "/recipe.yaml"));
    ATTUNE_TRY(auto model, openBase(ModelPlace {row.model, recipe.text("model.base"), {}, {}}));
    TrainRequest request = requestOf(recipe, model, row, resume.workspace);
    const std::string evalShard = row.folder + "/" + kEvalShard;
    std::error_code ignored;
    const bool hasEvalShard = fs::exists(evalShard, ignored);
    ATTUNE_TRY(auto rows, chooseRows(recipe, request.trainShard, hasEvalShard ? evalShard : std::string()));
    request.trainRows = std::move(rows.train);
    request.evalRows = std::move(rows.eval);
    request.evalShard = hasEvalShard ? evalShard : rows.evaluatesTrainShard ? request.trainShard : std::string();
    request.isResume = true;
    request.isInteractive = resume.isInteractive;
    std::int64_t step = 0;
    if (const auto checkpoints = checkpointsOf(row.folder); !checkpoints.empty()) {
        request.resumeFrom = checkpoints.back().folder;
        step = checkpoints.back().step;
    }
    ATTUNE_RETURN_IF_ERROR(store->truncateMetrics(row.id, step));
    ATTUNE_RETURN_IF_ERROR(truncateSamples(row.folder, step));
    ATTUNE_TRY(const auto stale, store->takeCommands(row.id));  // meant for the owner that is gone
    row.status = store::RunStatus::Running;
    row.error.clear();
    row.finished.clear();
    row.stepsDone = step;
    ATTUNE_RETURN_IF_ERROR(store->updateRun(row));
    RunRecorder recorder(*store, row, sink);
    return trainAndRecord(request, recorder, context);
}

}
