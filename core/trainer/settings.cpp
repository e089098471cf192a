// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/settings.h"

#include "evaluator/metric.h"
#include "pipeline/packing.h"
#include "planner/schedule.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace attune::trainer {
namespace {

SafetyAction actionFrom(const std::string& text)
{
    return text == "stop" ? SafetyAction::Stop : text == "pause" ? SafetyAction::Pause : text == "off" ? SafetyAction::Off : SafetyAction::Alert;
}

template<typename Table>
Status checkId(const char* key, const std::string& id, const Table& table)
{
    std::vector<std::string> ids;
    for (const auto* entry : table)
        ids.push_back(entry->id);
    if (std::find(ids.begin(), ids.end(), id) != ids.end())
        return {};
    return fail(ErrorCode::RecipeValue, fmt::format("{}: \"{}\" is not in this version.", key, id), fmt::format("There are: {}.", fmt::join(ids, ", ")));
}

ObjectiveOptions readObjective(const pipeline::Recipe& recipe)
{
    ObjectiveOptions options;
    for (const auto& option : pipeline::recipeSchema().options())
        if (option.key.starts_with("objective.") && option.key != "objective.type" && recipe.isVisible(option))
            options.values[option.name()] = recipe.value(option.key);
    for (const auto& label : recipe.value("objective.labels"))
        options.labels.push_back(label.get<std::string>());
    options.isMultiLabel = recipe.text("objective.problem_type") == "multi_label_classification";
    options.labelSmoothing = recipe.number("training.label_smoothing");
    options.seed = static_cast<std::uint64_t>(recipe.integer("seed"));
    options.batchSize = recipe.integer("training.batch_size");
    return options;
}

}

Result<Settings> Settings::fromRecipe(const pipeline::Recipe& recipe)
{
    Settings s;
    s.seed = static_cast<std::uint64_t>(recipe.integer("seed"));
    s.epochs = recipe.number("training.num_train_epochs");
    s.maxSteps = recipe.integer("training.max_steps");
    s.batches = {pipeline::packsRows(recipe), recipe.boolean("training.shuffle"), recipe.integer("training.batch_size"), recipe.integer("data.max_length")};
    s.accumulation = std::max<std::int64_t>(1, recipe.integer("training.gradient_accumulation_steps"));
    s.learningRate = recipe.number("training.learning_rate");
    s.optimizer = recipe.text("training.optimizer");
    s.optimizerOptions = {recipe.number("training.adam_beta1"), recipe.number("training.adam_beta2"), recipe.number("training.adam_epsilon"),
        recipe.number("training.weight_decay")};
    s.schedule = recipe.text("training.lr_scheduler");
    s.scheduleOptions = recipe.value("training.lr_scheduler_kwargs");
    s.warmupRatio = recipe.number("training.warmup_ratio");
    s.warmupSteps = recipe.integer("training.warmup_steps");
    s.maxGradNorm = recipe.number("training.max_grad_norm");
    s.objective = recipe.text("objective.type");
    s.objectiveOptions = readObjective(recipe);
    s.neftuneAlpha = recipe.number("training.neftune_noise_alpha");
    s.evalEverySteps = recipe.integer("eval.every_steps");
    s.evalMaxRows = recipe.integer("eval.max_rows");
    s.metrics.clear();
    for (const auto& name : recipe.value("eval.metrics"))
        s.metrics.push_back(name.get<std::string>());
    s.earlyStoppingPatience = recipe.integer("eval.early_stopping_patience");
    s.checkpointEverySteps = recipe.integer("checkpoints.every_steps");
    s.checkpointEveryMinutes = recipe.number("checkpoints.every_minutes");
    s.keepCheckpoints = recipe.integer("checkpoints.keep");
    s.keepBest = recipe.boolean("checkpoints.keep_best");
    s.nonFinite = actionFrom(recipe.text("safety.non_finite"));
    s.divergence = actionFrom(recipe.text("safety.divergence"));
    s.overfitting = actionFrom(recipe.text("safety.overfitting"));
    s.disk = actionFrom(recipe.text("safety.disk"));
    ATTUNE_RETURN_IF_ERROR(checkId("training.optimizer", s.optimizer, optimizers()));
    ATTUNE_RETURN_IF_ERROR(checkId("training.lr_scheduler", s.schedule, planner::schedules()));
    if (const auto known = evaluator::checkNames(s.metrics); !known)
        return fail(ErrorCode::RecipeValue, "eval.metrics: " + known.error().message, known.error().hint);
    return s;
}

}
