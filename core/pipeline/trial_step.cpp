// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/trial_step.h"

#include "base/file.h"
#include "base/hash.h"
#include "pipeline/prepared_run.h"

#include <unistd.h>

namespace attune::pipeline {
namespace {

constexpr double kLongStep = 20.0;  // seconds: no second step is waited for

/// Ends the trial when a step has been measured.
class StepWatch final : public EventSink
{
public:
    StepWatch(std::stop_source& stop, std::string phase, const JobContext& context)
        : m_stop(stop)
        , m_phase(std::move(phase))
        , m_context(context)
    {
    }

    void post(Event event) override
    {
        if (const auto* phase = std::get_if<PhaseChanged>(&event))
            m_context.report(phase->name, static_cast<std::uint64_t>(phase->done), static_cast<std::uint64_t>(phase->total));
        const auto* step = std::get_if<StepDone>(&event);
        if (!step)
            return;
        m_context.report(m_phase, static_cast<std::uint64_t>(step->step), 2);
        measured = *step;
        if (step->step >= 2 || step->seconds > kLongStep)
            m_stop.request_stop();
    }

    std::optional<StepDone> measured;

private:
    std::stop_source& m_stop;
    std::string m_phase;
    const JobContext& m_context;
};

/// A folder for the shards that is gone when the trial is over.
class TrialFolder
{
public:
    explicit TrialFolder(std::string path)
        : path(std::move(path))
    {
    }
    ~TrialFolder()
    {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    TrialFolder(const TrialFolder&) = delete;
    TrialFolder& operator=(const TrialFolder&) = delete;

    const std::string path;
};

/// All settings that change the cost of a step, as one key.
std::string costKey(const Recipe& recipe)
{
    Json cost = Json::object();
    for (const auto& option : recipeSchema().options()) {
        const bool isCost = option.key.starts_with("model.") || option.key.starts_with("method.") || option.key.starts_with("runtime.") || option.key == "objective.type"
            || option.key == "objective.teacher" || option.key == "data.train" || option.key == "data.max_length" || option.key == "data.packing"
            || option.key == "training.batch_size" || option.key == "training.gradient_accumulation_steps" || option.key == "training.optimizer"
            || option.key == "training.gradient_checkpointing";
        if (isCost && recipe.isVisible(option))
            cost[option.key] = recipe.value(option.key);
    }
    return "trial." + hash128(toLine(cost)).hex();
}

/// The recipe without what happens between steps.
Status leaveStepsOnly(Recipe& recipe)
{
    ATTUNE_RETURN_IF_ERROR(recipe.set("eval.sample_prompts", Json::array()));
    ATTUNE_RETURN_IF_ERROR(recipe.set("eval.every_steps", 0));
    ATTUNE_RETURN_IF_ERROR(recipe.set("checkpoints.every_steps", 0));
    ATTUNE_RETURN_IF_ERROR(recipe.set("checkpoints.every_minutes", 0.0));
    for (const char* rule : {"safety.non_finite", "safety.divergence", "safety.overfitting", "safety.disk"})
        ATTUNE_RETURN_IF_ERROR(recipe.set(rule, "off"));
    return {};
}

}

Result<TrialStep> measureStep(const std::string& workspace, const Recipe& recipe, const JobContext& context)
{
    ATTUNE_TRY(const auto store, store::Store::open(workspace));
    context.report("Preparing the data", 0, 0);
    ATTUNE_TRY(auto prepared, prepareRun(*store, recipe, true, context));
    ATTUNE_RETURN_IF_ERROR(leaveStepsOnly(prepared.recipe));
    ATTUNE_TRY(auto* engine, openEngine());
    const TrialFolder folder(fmt::format("{}/trial-{}", store->folder("cache"), ::getpid()));
    ATTUNE_RETURN_IF_ERROR(makeFolder(folder.path));
    ATTUNE_RETURN_IF_ERROR(keepShard(prepared.data.trainShard, folder.path + "/" + kTrainShard));
    store::RunRow row;
    row.id = "trial";
    row.folder = folder.path;
    row.estimateBytes = prepared.plan.estimateBytes();
    row.summary = {{"trainable_parameters", prepared.plan.trainableParameters}, {"piece_tokens", prepared.plan.pieceTokens}, {"kept_layers", prepared.plan.keptLayers}, {"inputs_on_host", prepared.plan.inputsOnHost}};
    TrainRequest request = requestOf(prepared.recipe, prepared.model, row, workspace);
    request.trainRows = prepared.data.trainRows;
    request.isTrial = true;
    std::stop_source stop;
    const std::stop_callback forward(context.stop, [&stop] { stop.request_stop(); });
    StepWatch watch(stop, "Measuring a step", context);
    ATTUNE_TRY(const auto finished, engine->train(request, watch, JobContext {stop.get_token(), context.onProgress}));
    if (context.isCancelled() || !watch.measured)
        return fail(ErrorCode::Cancelled, "The test was stopped before a step was done.");
    TrialStep result;
    result.secondsPerStep = watch.measured->seconds;
    result.tokensPerSecond = watch.measured->tokensPerSecond;
    result.loss = watch.measured->loss;
    result.tokens = watch.measured->tokens;
    result.peakMemoryBytes = finished.peakMemoryBytes;
    result.estimateBytes = prepared.plan.estimateBytes();
    ATTUNE_RETURN_IF_ERROR(store->putValue(costKey(recipe), result.toJson()));
    return result;
}

Json TrialStep::toJson() const
{
    return {{"seconds_per_step", secondsPerStep}, {"tokens_per_second", tokensPerSecond}, {"loss", loss}, {"tokens", tokens}, {"peak_memory_bytes", peakMemoryBytes},
        {"estimate_bytes", estimateBytes}};
}

std::optional<TrialStep> rememberedTrial(const store::Store& store, const Recipe& recipe)
{
    const auto json = store.value(costKey(recipe));
    if (!json || !json->is_object())
        return {};
    TrialStep trial;
    trial.secondsPerStep = json->value("seconds_per_step", 0.0);
    trial.tokensPerSecond = json->value("tokens_per_second", 0.0);
    trial.loss = json->value("loss", 0.0);
    trial.tokens = json->value("tokens", std::int64_t(0));
    trial.peakMemoryBytes = json->value("peak_memory_bytes", std::int64_t(0));
    trial.estimateBytes = json->value("estimate_bytes", std::int64_t(0));
    return trial.secondsPerStep > 0 ? std::optional(trial) : std::nullopt;
}


}
