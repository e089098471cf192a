// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/check.h"

#include "methods/method.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/forecast.h"
#include "pipeline/model_lookup.h"
#include "planner/batches.h"

#include <cmath>

namespace attune::pipeline {
namespace {

constexpr std::int64_t kSampledRows = 2000;
constexpr double kBytesPerToken = 3.6;  // of English text with vocabularies of 32 000 to 150 000 (performance.md §3.4)
constexpr std::int64_t kFewSteps = 50;
constexpr std::int64_t kRowsForEvaluation = 20;

/// What the step counter needs to know about the rows.
struct Lengths {
    std::vector<std::int32_t> tokens;  ///< of the rows looked at
    std::int64_t rows = 0;             ///< of the dataset
    bool isExact = false;
};

std::size_t textBytes(const importer::Record& record)
{
    std::size_t bytes = record.system.size() + record.prompt.size() + record.completion.size() + record.text.size();
    for (const auto& message : record.messages)
        bytes += message.content.size() + 16;  // what a template puts around a turn
    return bytes;
}

Result<Lengths> guessLengths(const importer::Dataset& dataset, std::int64_t maxLength, const JobContext& context)
{
    Lengths lengths;
    lengths.rows = dataset.rows();
    const std::int64_t looked = std::min(lengths.rows, kSampledRows);
    for (std::int64_t i = 0; i < looked; ++i) {
        if (context.isCancelled())
            return fail(ErrorCode::Cancelled, "The check was cancelled.");
        ATTUNE_TRY(const auto record, dataset.record(i * lengths.rows / looked));
        const double tokens = static_cast<double>(textBytes(record)) / kBytesPerToken + 8;
        lengths.tokens.push_back(static_cast<std::int32_t>(std::min<double>(tokens, static_cast<double>(maxLength))));
    }
    return lengths;
}

planner::BatchOptions batchOptions(const Recipe& recipe)
{
    return {recipe.boolean("data.packing"), recipe.boolean("training.shuffle"), recipe.integer("training.batch_size"), recipe.integer("data.max_length")};
}

std::int64_t microBatchesOf(const Lengths& lengths, std::int64_t trainRows, const planner::BatchOptions& options)
{
    if (lengths.tokens.empty())
        return 0;
    const auto bins = static_cast<double>(planner::microBatches(lengths.tokens, options).size());
    return std::max<std::int64_t>(1, std::llround(bins * static_cast<double>(trainRows) / static_cast<double>(lengths.tokens.size())));
}

planner::StepPlan stepsFor(const Recipe& recipe, const Lengths& lengths, std::int64_t trainRows, std::int64_t batchSize)
{
    auto options = batchOptions(recipe);
    options.batchSize = batchSize;
    return planner::planSteps(microBatchesOf(lengths, trainRows, options), recipe.integer("training.gradient_accumulation_steps"),
        recipe.number("training.num_train_epochs"), recipe.integer("training.max_steps"), recipe.number("training.warmup_ratio"),
        recipe.integer("training.warmup_steps"));
}

/// Few steps leave the learning rate no time: names the batch size that would give enough of them.
void warnOfFewSteps(RecipeCheck& check, const Recipe& recipe, const Lengths& lengths)
{
    const std::int64_t batchSize = recipe.integer("training.batch_size");
    if (check.stepsTotal >= kFewSteps || recipe.integer("training.max_steps") > 0)
        return;
    for (std::int64_t smaller = batchSize / 2; smaller >= 1; smaller /= 2) {
        const auto plan = stepsFor(recipe, lengths, check.rows, smaller);
        if (plan.steps < kFewSteps && smaller > 1)
            continue;
        check.warnings.push_back(fmt::format("Only {} steps: the model hardly changes in so few. A batch size of {} gives {}{}.", check.stepsTotal, smaller,
            plan.steps, plan.steps < kFewSteps ? "; more epochs or more rows are needed, too" : ""));
        return;
    }
    check.warnings.push_back(fmt::format("Only {} steps: the model hardly changes in so few. More epochs, more rows or less accumulation give more.", check.stepsTotal));
}

void warnOfSettings(RecipeCheck& check, const Recipe& recipe, const families::ModelSource& model)
{
    auto warn = [&](std::string text) { check.warnings.push_back(std::move(text)); };
    const double rate = recipe.number("training.learning_rate");
    if (recipe.text("method.type") == "full" && rate > 1e-4)
        warn(fmt::format("A learning rate of {:g} is high for training all weights; 1e-5 to 5e-5 is typical.", rate));
    if (recipe.text("method.type") == "lora" && rate > 2e-3)
        warn(fmt::format("A learning rate of {:g} is high for LoRA; 1e-4 to 3e-4 is typical.", rate));
    const std::int64_t length = recipe.integer("data.max_length");
    if (model.spec.contextLength > 0 && length > model.spec.contextLength)
        warn(fmt::format("data.max_length is {}, but the model was made for {} tokens.", length, model.spec.contextLength));
    const std::string dtype = recipe.text("model.dtype");
    const auto device = resolveDevice(recipe.text("runtime.device"));
    if (device && *device == "cpu" && dtype == "bfloat16" && !planner::cpuHasBfloat16())
        warn("This processor has no bfloat16: weights are stored in it, computing is done in float32.");
    if (device && *device == "cpu" && dtype == "float16")
        warn("On a CPU float16 only saves memory: computing is done in float32.");
    if (!check.plan.fits())
        warn(fmt::format("It needs about {:.1f} GiB of memory, {:.1f} GiB are available. {}", static_cast<double>(check.plan.estimateBytes()) / (1LL << 30),
            static_cast<double>(check.plan.availableBytes) / (1LL << 30), check.plan.suggestions.empty() ? "" : check.plan.suggestions.front().text + "."));
}

}

Json RecipeCheck::toJson() const
{
    return {{"ok", true}, {"warnings", warnings}, {"steps_total", stepsTotal}, {"steps_exact", stepsExact}, {"trainable_parameters", plan.trainableParameters},
        {"estimate_bytes", plan.estimateBytes()}, {"available_bytes", plan.availableBytes}, {"fits", plan.fits()}, {"warmup_steps", warmupSteps}, {"rows", rows},
        {"eval_rows", evalRows}, {"can_become", canBecome}};
}

Result<RecipeCheck> checkRecipe(store::Store& store, const Recipe& recipe, const JobContext& context)
{
    ATTUNE_RETURN_IF_ERROR(recipe.checkComplete());
    ATTUNE_TRY(const auto model, openModelArgument([&]() -> Result<store::Store*> { return &store; }, recipe.text("model.base")));
    if (!model.isTrainable)
        return fail(ErrorCode::ModelUnsupported, fmt::format("{} cannot be trained. {}", model.name, model.reason), "`attune model list` shows which models can.");
    ATTUNE_TRY(const auto train, openDataset(store, recipe.text("data.train"), context));
    RecipeCheck check;
    const std::int64_t all = train->rows();
    if (!recipe.text("data.eval").empty()) {
        ATTUNE_TRY(const auto eval, openDataset(store, recipe.text("data.eval"), context));
        check.evalRows = eval->rows();
        check.rows = all;
    } else {
        const double fraction = recipe.number("data.eval_fraction");
        check.evalRows = all < kRowsForEvaluation ? 0 : static_cast<std::int64_t>(std::ceil(fraction * static_cast<double>(all)));
        check.rows = all - check.evalRows;
        if (check.evalRows == 0 && fraction > 0)
            check.warnings.push_back(fmt::format("Nothing is evaluated: {} rows are too few to keep some aside.", all));
    }
    if (check.rows == 0)
        return fail(ErrorCode::DatasetEmpty, fmt::format("{} holds no rows.", recipe.text("data.train")), "Import more data, or name another dataset.");
    ATTUNE_TRY(const auto lengths, guessLengths(*train, recipe.integer("data.max_length"), context));
    const auto steps = stepsFor(recipe, lengths, check.rows, recipe.integer("training.batch_size"));
    check.stepsTotal = steps.steps;
    check.stepsExact = lengths.isExact;
    check.warmupSteps = steps.warmupSteps;
    ATTUNE_TRY(check.plan, forecastMemory(recipe, model, &store));
    check.canBecome = methods::findById(recipe.text("method.type"))->canBecome(model.spec);
    warnOfFewSteps(check, recipe, lengths);
    warnOfSettings(check, recipe, model);
    return check;
}

}
