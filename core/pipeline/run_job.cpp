// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/run_job.h"

#include "base/file.h"
#include "base/log.h"
#include "pipeline/checkpoints.h"
#include "pipeline/forecast.h"
#include "pipeline/prepared_run.h"
#include "pipeline/ranks.h"
#include "pipeline/run_recorder.h"

#include <fmt/format.h>

#include <ctime>

namespace attune::pipeline {
namespace {

store::RunRow rowOf(const PreparedRun& prepared)
{
    store::RunRow row;
    row.name = prepared.recipe.name();
    row.status = store::RunStatus::Queued;
    row.model = prepared.model.name;
    row.method = prepared.recipe.text("method.type");
    row.dataset = prepared.data.trainName;
    row.estimateBytes = prepared.plan.estimateBytes();
    row.summary = {{"model_path", prepared.model.path}, {"keeps_best", prepared.recipe.boolean("checkpoints.keep_best")},
        {"trainable_parameters", prepared.plan.trainableParameters}, {"piece_tokens", prepared.plan.pieceTokens}, {"kept_layers", prepared.plan.keptLayers},
        {"inputs_on_host", prepared.plan.inputsOnHost}, {"available_bytes", prepared.plan.availableBytes},
        {"train_rows", prepared.data.trainRows.size()}, {"eval_rows", prepared.data.evalRows.size()}, {"data", prepared.data.report.toJson()},
        {"hashes", {{"dataset", prepared.data.contentHash}, {"tokenizer", prepared.data.tokenizerHash}}}};
    return row;
}

/// Writes the run's own files and takes its lock. The row is in the database from here on.
Result<store::RunLock> makeRun(store::Store& store, const PreparedRun& prepared, store::RunRow& row)
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

/// A process of a run that is not the first: it computes its share, and what there is to tell or to write is the first's.
Result<RunFinished> helpWithRun(const JobContext& context)
{
    struct Silence final : EventSink {
        void post(Event) override {}
    } sink;
    ATTUNE_TRY(auto* engine, openEngine());
    return engine->train(TrainRequest(), sink, context);
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
    ATTUNE_TRY(const auto ranks, ranksFromEnvironment());
    if (!ranks.isFirst())
        return helpWithRun(context);
    ATTUNE_TRY(const auto store, store::Store::open(start.workspace));
    ATTUNE_TRY(const auto prepared, prepareRun(*store, start.recipe, start.isForced, context));
    if (context.isCancelled())
        return fail(ErrorCode::Cancelled, "The run was cancelled before it began.");
    ATTUNE_RETURN_IF_ERROR([&]() -> Status {
        const auto engine = openEngine();
        return engine ? Status() : Status(engine.error());
    }());
    store::RunRow row = rowOf(prepared);
    ATTUNE_TRY(const auto lock, makeRun(*store, prepared, row));
    TrainRequest request = requestOf(prepared.recipe, prepared.model, row, start.workspace);
    useRows(request, prepared.data);
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
    ATTUNE_TRY(const auto ranks, ranksFromEnvironment());
    if (!ranks.isFirst())
        return helpWithRun(context);
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
