// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/check.h"

#include "methods/forms.h"
#include "pipeline/check_rows.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/forecast.h"
#include "pipeline/model_lookup.h"
#include "pipeline/objective.h"

#include <cmath>
#include <numeric>
#include <optional>

namespace attune::pipeline {
namespace {

constexpr std::int64_t kFewSteps = 50;

using Level = CheckFinding::Level;

/// What the step counter needs to know about the rows that are trained on.
struct Lengths {
    std::vector<std::int32_t> tokens;  ///< of the rows looked at
    bool isExact = false;              ///< all of them were looked at
};

/// What is worth a sentence on the command line is worth a line in the form.
void warn(RecipeCheck& check, std::string id, std::string text, std::string key = {})
{
    check.findings.push_back({Level::Warning, std::move(id), text, 0, std::move(key)});
    check.warnings.push_back(std::move(text));
}

void tellOfRows(RecipeCheck& check, const CheckedRows& rows)
{
    const auto& report = rows.tokens.report;
    const std::int64_t maxLength = rows.options.maxLength;
    check.rowsIn = report.rowsIn;
    check.truncatedRows = report.truncatedRows;
    if (report.truncatedRows * 20 > report.rowsIn)
        check.warnings.push_back(fmt::format("{:.1f} % of the rows are longer than {} tokens and are cut.",
            100.0 * static_cast<double>(report.truncatedRows) / static_cast<double>(report.rowsIn), maxLength));
    if (report.truncatedRows > 0)
        check.findings.push_back({report.truncatedRows * 20 > report.rowsIn ? Level::Warning : Level::Info, "cut",
            fmt::format("{}{} {} cut at {} tokens", rows.isExact ? "" : "Of a sample ", report.truncatedRows, report.truncatedRows == 1 ? "row is" : "rows are", maxLength), report.truncatedRows, "data.max_length"});
    for (const auto& dropped : report.dropped)
        warn(check, "left_out", fmt::format("Of {} rows are left out {}", report.rowsIn, dropped.sentence()));
}

/// Whether answers end as the model ends its turns, and whether evaluation is done on rows that are trained on.
void tellOfTexts(RecipeCheck& check, const CheckedRows& rows)
{
    using tokenizer::RowShape;
    const auto shape = rows.options.shape;
    if (shape == RowShape::Answers || shape == RowShape::Preference || shape == RowShape::SourceTarget) {
        const auto ends = endTokensOf(rows);
        if (ends.looked > 0 && ends.ended * 2 < ends.looked)
            warn(check, "template", "Most answers do not end with the token that ends the model's turn: it may write on without an end.", "data.template");
        else if (ends.looked > 0)
            check.findings.push_back({Level::Good, "template", rows.chat ? "Template and end token match the model" : "Answers end with the model's end token", 0, {}});
    }
    if (const auto both = overlapOf(rows); both > 0)
        warn(check, "overlap", fmt::format("{} of {} evaluation rows are also trained on.", both, rows.evalTokens->shard.rows()), "data.eval");
    else if (check.evalRows > 0)
        check.findings.push_back({Level::Good, "overlap", "No row is in both train and eval", 0, {}});
}

/// The token cache serves a run whose dataset has lost its file: it starts, but nobody can repeat it.
void tellOfSource(RecipeCheck& check, const importer::Dataset& train)
{
    if (train.rows() == 0)
        return;
    if (const auto row = train.record(0); !row && row.error().code == ErrorCode::SourceChanged)
        warn(check, "source", row.error().message + " Its rows are still in the cache: the run starts, but it could not be repeated.");
}

/// Counts the rows that train and evaluate.
Lengths measureRows(RecipeCheck& check, const CheckedRows& rows)
{
    Lengths lengths;
    lengths.isExact = rows.isExact;
    lengths.tokens = planner::lengthsOf(rows.tokens.shard, rows.split.train);
    const double scale = rows.isExact ? 1.0 : static_cast<double>(rows.train->rows()) / static_cast<double>(std::max<std::int64_t>(1, rows.tokens.report.rowsIn));
    check.rows = std::llround(scale * static_cast<double>(rows.split.train.size()));
    check.tokens = std::llround(scale * static_cast<double>(std::accumulate(lengths.tokens.begin(), lengths.tokens.end(), std::int64_t(0))));
    check.evalRows = rows.eval ? rows.eval->rows() : std::llround(scale * static_cast<double>(rows.split.eval.size()));
    return lengths;
}

std::int64_t microBatchesOf(const Lengths& lengths, std::int64_t trainRows, const planner::BatchOptions& options)
{
    if (lengths.tokens.empty())
        return 0;
    const auto bins = static_cast<double>(planner::microBatches(lengths.tokens, options).size());
    if (lengths.isExact)
        return static_cast<std::int64_t>(bins);
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
        warn(check, "few_steps", fmt::format("Only {} steps: the model hardly changes in so few. A batch size of {} gives {}{}.", check.stepsTotal, smaller,
            plan.steps, plan.steps < kFewSteps ? "; more epochs or more rows are needed, too" : ""), "training.batch_size");
        return;
    }
    warn(check, "few_steps", fmt::format("Only {} steps: the model hardly changes in so few. More epochs, more rows or less accumulation give more.", check.stepsTotal), "training.num_train_epochs");
}

/// Weights as they are saved, float32 masters and the optimizer's states beside them.
std::int64_t checkpointBytes(const Recipe& recipe, const families::ModelSource& model, const methods::Method& method, const planner::MemoryPlan& plan)
{
    const std::int64_t trained = plan.trainableParameters;
    const std::int64_t saved = method.savesModel ? model.parameters * (recipe.text("model.dtype") == "float32" ? 4 : 2) : trained * 4;
    return saved + trained * 4 + plan.stateBytes;
}

void warnOfSettings(RecipeCheck& check, const Recipe& recipe, const families::ModelSource& model)
{
    const auto tell = [&](const char* key, std::string text) { warn(check, "setting", std::move(text), key); };
    const double rate = recipe.number("training.learning_rate");
    if (recipe.text("method.type") == "full" && rate > 1e-4)
        tell("training.learning_rate", fmt::format("A learning rate of {:g} is high for training all weights; 1e-5 to 5e-5 is typical.", rate));
    if (recipe.text("method.type") == "lora" && rate > 2e-3)
        tell("training.learning_rate", fmt::format("A learning rate of {:g} is high for LoRA; 1e-4 to 3e-4 is typical.", rate));
    const std::int64_t length = recipe.integer("data.max_length");
    if (model.spec.contextLength > 0 && length > model.spec.contextLength)
        tell("data.max_length", fmt::format("data.max_length is {}, but the model was made for {} tokens.", length, model.spec.contextLength));
    const std::string dtype = recipe.text("model.dtype");
    const auto device = resolveDevice(recipe.text("runtime.device"));
    if (device && *device == "cpu" && dtype == "bfloat16" && !planner::cpuHasBfloat16())
        tell("model.dtype", "This processor has no bfloat16: weights are stored in it, computing is done in float32.");
    if (device && *device == "cpu" && dtype == "float16")
        tell("model.dtype", "On a CPU float16 only saves memory: computing is done in float32.");
    if (!check.plan.fits())
        check.warnings.push_back(fmt::format("It needs about {:.1f} GiB of memory, {:.1f} GiB are available. {}", static_cast<double>(check.plan.estimateBytes()) / (1LL << 30),
            static_cast<double>(check.plan.availableBytes) / (1LL << 30), check.plan.suggestions.empty() ? "" : check.plan.suggestions.front().text + "."));
}

}

std::int64_t RecipeCheck::diskBytes(const Recipe& recipe) const
{
    const std::int64_t kept = recipe.integer("checkpoints.keep") + (recipe.boolean("checkpoints.keep_best") ? 1 : 0);
    const std::int64_t every = recipe.integer("checkpoints.every_steps");
    // The end is always saved; runs of few steps make fewer checkpoints than are kept.
    const std::int64_t written = every > 0 ? stepsTotal / every + 1 : kept;
    return checkpointBytes * std::max<std::int64_t>(1, std::min(kept, written));
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
    ATTUNE_RETURN_IF_ERROR(methods::checkMethod(model, recipe.text("method.type"), recipe.methodValues(), recipe.text("model.quantization")));
    ATTUNE_TRY(const auto train, openDataset(store, recipe.text("data.train"), context));
    ATTUNE_RETURN_IF_ERROR(checkObjective(recipe, model, *train));
    if (recipe.text("objective.type") == "distill") {
        ATTUNE_TRY([[maybe_unused]] const auto teacher, openTeacher([&]() -> Result<store::Store*> { return &store; }, recipe, model));
    }
    RecipeCheck check;
    check.parameters = model.parameters;
    ATTUNE_TRY(const auto rows, checkRows(store, recipe, model, context));
    tellOfRows(check, rows);
    tellOfSource(check, *train);
    const auto lengths = measureRows(check, rows);
    const double trainedShare = rows.tokens.report.trainedShare();
    check.trainedShare = trainedShare;
    if (check.evalRows == 0 && recipe.number("data.eval_fraction") > 0)
        warn(check, "no_eval", fmt::format("Nothing is evaluated: {} rows are too few to keep some aside.", check.rows), "data.eval_fraction");
    tellOfTexts(check, rows);
    const auto steps = stepsFor(recipe, lengths, check.rows, recipe.integer("training.batch_size"));
    check.stepsTotal = steps.steps;
    check.stepsExact = lengths.isExact;
    check.warmupSteps = steps.warmupSteps;
    check.microBatches = steps.microBatches;
    ATTUNE_TRY(check.plan, forecastMemory(recipe, model, &store, trainedShare));
    const auto& method = *methods::findById(recipe.text("method.type"));
    check.canBecome = method.canBecome(model.spec, recipe.methodValues());
    // GGUF has no place for a head of labels.
    const bool hasHead = findObjective(recipe.text("objective.type"))->needsHead;
    check.forms = hasHead ? "safetensors only" : methods::formsOf(method, model.spec, recipe.methodValues());
    check.checkpointBytes = checkpointBytes(recipe, model, method, check.plan);
    warnOfFewSteps(check, recipe, lengths);
    warnOfSettings(check, recipe, model);
    return check;
}

}
