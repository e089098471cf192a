// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/check.h"

#include "base/file.h"
#include "methods/method.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/forecast.h"
#include "pipeline/model_lookup.h"
#include "pipeline/objective.h"
#include "planner/batches.h"
#include "tokenizer/tokenize_dataset.h"

#include <cmath>
#include <numeric>
#include <optional>

namespace attune::pipeline {
namespace {

constexpr std::int64_t kExactRows = 100'000;  // up to here all rows are tokenised, and the cache keeps them for the run
constexpr std::int64_t kSampledRows = 2000;
constexpr std::int64_t kFewSteps = 50;

/// What the step counter needs to know about the rows that are trained on.
struct Lengths {
    std::vector<std::int32_t> tokens;  ///< of the rows looked at
    bool isExact = false;              ///< all of them were looked at
    double trainedShare = 1.0;
};

/// The recipe's way of turning rows into tokens, without the rows.
struct Tokenization {
    tokenizer::TokenizeJob job;
    std::optional<tokenizer::ChatTemplate> chat;
};

Result<std::unique_ptr<Tokenization>> tokenizationOf(const store::Store& store, const Recipe& recipe, const families::ModelSource& model,
    const importer::Dataset& train, const JobContext& context)
{
    auto result = std::make_unique<Tokenization>();
    auto& job = result->job;
    ATTUNE_TRY(job.tokenizer, tokenizer::loadTokenizer(model.path));
    ATTUNE_TRY(job.tokenizerHash, tokenizer::hashOfTokenizer(model.path));
    ATTUNE_TRY(job.options, renderOptions(recipe, model, train, context));
    if (usesTemplate(job.options.shape, train)) {
        ATTUNE_TRY(result->chat, tokenizer::loadChatTemplate(recipe.text("data.template"), model.path, *job.tokenizer, recipe.text("data.template_date")));
    }
    job.chat = result->chat ? &*result->chat : nullptr;
    job.cacheFolder = store.folder("cache/tokens");
    return result;
}

void warnOfRows(std::vector<std::string>& warnings, const tokenizer::TokenizeReport& report, std::int64_t maxLength)
{
    if (report.truncatedRows * 20 > report.rowsIn)
        warnings.push_back(fmt::format("{:.1f} % of the rows are longer than {} tokens and are cut.",
            100.0 * static_cast<double>(report.truncatedRows) / static_cast<double>(report.rowsIn), maxLength));
    for (const auto& dropped : report.dropped)
        warnings.push_back(fmt::format("Of {} rows are left out {}", report.rowsIn, dropped.sentence()));
}

/// Tokenises the training rows, or 2 000 of them where there are very many, and counts those that train
/// and evaluate.
Result<Lengths> measureRows(RecipeCheck& check, store::Store& store, const Recipe& recipe, const families::ModelSource& model,
    const importer::DatasetPtr& dataset, bool keepsSomeAside, const JobContext& context)
{
    ATTUNE_TRY(const auto tokenization, tokenizationOf(store, recipe, model, *dataset, context));
    auto& job = tokenization->job;
    job.dataset = dataset;
    const std::int64_t all = dataset->rows();
    Lengths lengths;
    lengths.isExact = all <= kExactRows;
    for (std::int64_t i = 0; !lengths.isExact && i < kSampledRows; ++i)
        job.rows.push_back(i * all / kSampledRows);
    ATTUNE_TRY(const auto tokens, tokenizer::tokenizeDataset(job, context));
    lengths.trainedShare = tokens.report.trainedShare();
    warnOfRows(check.warnings, tokens.report, job.options.maxLength);

    planner::EvalSplit split;
    if (keepsSomeAside) {
        split = planner::splitEvaluation(tokens.shard, recipe.number("data.eval_fraction"), static_cast<std::uint64_t>(recipe.integer("seed")));
    } else {
        split.train.resize(static_cast<std::size_t>(tokens.shard.rows()));
        std::iota(split.train.begin(), split.train.end(), 0);
    }
    lengths.tokens = planner::lengthsOf(tokens.shard, split.train);
    const double scale = lengths.isExact ? 1.0 : static_cast<double>(all) / static_cast<double>(kSampledRows);
    check.rows = std::llround(scale * static_cast<double>(split.train.size()));
    if (keepsSomeAside)
        check.evalRows = std::llround(scale * static_cast<double>(split.eval.size()));
    return lengths;
}

struct Datasets {
    importer::DatasetPtr train, eval;
};

/// data.eval, else the dataset's own eval split, whose rows are then not trained on (recipe.md).
Result<Datasets> openDatasets(store::Store& store, const Recipe& recipe, const importer::DatasetPtr& train, const JobContext& context)
{
    Datasets data {train, nullptr};
    const std::string name = recipe.text("data.train"), eval = recipe.text("data.eval");
    if (!eval.empty()) {
        ATTUNE_TRY(data.eval, openDataset(store, eval, context));
        return data;
    }
    const auto parsed = parseDatasetName(name);
    std::error_code ignored;
    if (!parsed || fs::exists(absolutePath(name), ignored) || recipe.number("data.eval_fraction") == 0 || (!parsed->split.empty() && parsed->split != "train"))
        return data;
    const std::string whole = name.substr(0, name.find(':'));
    if (auto own = openDataset(store, whole + ":eval", context)) {
        data.eval = std::move(*own);
        if (parsed->split.empty())
            if (auto rest = openDataset(store, whole + ":train", context))
                data.train = std::move(*rest);
    }
    return data;
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
    ATTUNE_RETURN_IF_ERROR(methods::checkMethod(model, recipe.text("method.type"), recipe.methodValues(), recipe.text("model.quantization")));
    ATTUNE_TRY(const auto train, openDataset(store, recipe.text("data.train"), context));
    ATTUNE_RETURN_IF_ERROR(checkObjective(recipe, model, *train));
    if (recipe.text("objective.type") == "distill") {
        ATTUNE_TRY([[maybe_unused]] const auto teacher, openTeacher([&]() -> Result<store::Store*> { return &store; }, recipe, model));
    }
    RecipeCheck check;
    ATTUNE_TRY(const auto data, openDatasets(store, recipe, train, context));
    const double fraction = recipe.number("data.eval_fraction");
    ATTUNE_TRY(const auto lengths, measureRows(check, store, recipe, model, data.train, !data.eval && fraction > 0, context));
    if (data.eval)
        check.evalRows = data.eval->rows();
    else if (check.evalRows == 0 && fraction > 0)
        check.warnings.push_back(fmt::format("Nothing is evaluated: {} rows are too few to keep some aside.", check.rows));
    const auto steps = stepsFor(recipe, lengths, check.rows, recipe.integer("training.batch_size"));
    check.stepsTotal = steps.steps;
    check.stepsExact = lengths.isExact;
    check.warmupSteps = steps.warmupSteps;
    ATTUNE_TRY(check.plan, forecastMemory(recipe, model, &store, lengths.trainedShare));
    check.canBecome = methods::findById(recipe.text("method.type"))->canBecome(model.spec, recipe.methodValues());
    warnOfFewSteps(check, recipe, lengths);
    warnOfSettings(check, recipe, model);
    return check;
}

}
