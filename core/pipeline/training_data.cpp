// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/training_data.h"

#include "base/file.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/objective.h"
#include "planner/batches.h"
#include "tokenizer/chat_template.h"

#include <fmt/format.h>

#include <numeric>

namespace attune::pipeline {
namespace {

struct Datasets {
    importer::DatasetPtr train, eval;
};

bool isFile(const std::string& argument)
{
    std::error_code error;
    return fs::exists(absolutePath(argument), error);
}

/// A split of a registered dataset's version, or nothing where it has none of that name.
Result<importer::DatasetPtr> splitOf(store::Store& store, const DatasetName& name, const std::string& split, const JobContext& context)
{
    auto dataset = openDataset(store, fmt::format("{}@{}:{}", name.name, name.version, split), context);
    if (!dataset && dataset.error().code == ErrorCode::DatasetMissing)
        return importer::DatasetPtr();
    return dataset;
}

/// Training and evaluation data as the recipe names them; a dataset with splits of its own brings both.
Result<Datasets> openDatasets(store::Store& store, const Recipe& recipe, const JobContext& context)
{
    const std::string train = recipe.text("data.train"), eval = recipe.text("data.eval");
    Datasets data;
    ATTUNE_TRY(data.train, openDataset(store, train, context));
    if (!eval.empty()) {
        ATTUNE_TRY(data.eval, openDataset(store, eval, context));
        return data;
    }
    if (isFile(train) || recipe.number("data.eval_fraction") == 0)
        return data;
    ATTUNE_TRY(auto name, parseDatasetName(train));
    ATTUNE_TRY(const auto row, findDataset(store, name));
    name.version = row.version;
    if (!name.split.empty() && name.split != "train")
        return data;
    ATTUNE_TRY(data.eval, splitOf(store, name, "eval", context));
    if (data.eval && name.split.empty()) {
        // The whole dataset was named: its eval rows must not be trained on.
        ATTUNE_TRY(auto rest, splitOf(store, name, "train", context));
        if (rest)
            data.train = std::move(rest);
        else
            data.eval.reset();
    }
    return data;
}

std::string shareText(std::int64_t part, std::int64_t whole)
{
    return fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(std::max<std::int64_t>(1, whole)));
}

/// ux.md §2.5 "Truncation" and the rows that tokenisation left out.
std::vector<std::string> warningsOf(const tokenizer::TokenizeReport& report, std::int64_t maxLength)
{
    std::vector<std::string> warnings;
    if (report.truncatedRows * 20 > report.rowsIn)
        warnings.push_back(fmt::format("{} of the rows are longer than {} tokens and were cut.", shareText(report.truncatedRows, report.rowsIn), maxLength));
    for (const auto& dropped : report.dropped)
        warnings.push_back(fmt::format("Of {} rows were left out {}", report.rowsIn, dropped.sentence()));
    return warnings;
}

std::vector<std::int64_t> allRows(std::int64_t count)
{
    std::vector<std::int64_t> rows(static_cast<std::size_t>(count));
    std::iota(rows.begin(), rows.end(), 0);
    return rows;
}

}

Result<TrainingData> prepareTrainingData(store::Store& store, const Recipe& recipe, const families::ModelSource& model, const JobContext& context)
{
    ATTUNE_TRY(const Datasets datasets, openDatasets(store, recipe, context));
    ATTUNE_RETURN_IF_ERROR(checkObjective(recipe, model, *datasets.train));
    tokenizer::TokenizeJob job;
    ATTUNE_TRY(job.tokenizer, tokenizer::loadTokenizer(model.path));
    ATTUNE_TRY(job.tokenizerHash, tokenizer::hashOfTokenizer(model.path));
    ATTUNE_TRY(job.options, renderOptions(recipe, model, *datasets.train, context));
    std::optional<tokenizer::ChatTemplate> chat;
    if (usesTemplate(job.options.shape, *datasets.train)) {
        ATTUNE_TRY(chat, tokenizer::loadChatTemplate(recipe.text("data.template"), model.path, *job.tokenizer, recipe.text("data.template_date")));
    }
    job.chat = chat ? &*chat : nullptr;
    job.cacheFolder = store.folder("cache/tokens");
    job.dataset = datasets.train;

    TrainingData data;
    ATTUNE_TRY(const auto train, tokenizer::tokenizeDataset(job, context));
    data.trainShard = train.path;
    data.report = train.report;
    data.contentHash = datasets.train->contentHash();
    data.tokenizerHash = job.tokenizerHash;
    data.labels = job.options.labels;
    data.labelKind = job.options.labelKind;
    data.trainName = isFile(recipe.text("data.train")) ? absolutePath(recipe.text("data.train")) : datasets.train->name();
    data.warnings = warningsOf(train.report, job.options.maxLength);
    if (datasets.eval) {
        job.dataset = datasets.eval;
        auto eval = tokenizer::tokenizeDataset(job, context);
        if (!eval)
            return eval.error().in("data.eval");
        data.evalShard = eval->path;
        data.evalName = isFile(recipe.text("data.eval")) ? absolutePath(recipe.text("data.eval")) : datasets.eval->name();
    }
    ATTUNE_TRY(auto choice, chooseRows(recipe, data.trainShard, data.evalShard));
    data.trainRows = std::move(choice.train);
    data.evalRows = std::move(choice.eval);
    if (choice.evaluatesTrainShard)
        data.evalShard = data.trainShard;
    if (data.evalRows.empty() && recipe.number("data.eval_fraction") > 0)
        data.warnings.push_back(fmt::format("Nothing is evaluated: {} rows are too few to keep some aside.", train.report.rows));
    return data;
}

Result<RowChoice> chooseRows(const Recipe& recipe, const std::string& trainShard, const std::string& evalShard)
{
    ATTUNE_TRY(const auto train, tokenizer::TokenShard::open(trainShard));
    RowChoice choice;
    if (!evalShard.empty()) {
        ATTUNE_TRY(const auto eval, tokenizer::TokenShard::open(evalShard));
        choice.train = allRows(train.rows());
        choice.eval = allRows(eval.rows());
        return choice;
    }
    auto split = planner::splitEvaluation(train, recipe.number("data.eval_fraction"), static_cast<std::uint64_t>(recipe.integer("seed")));
    choice.train = std::move(split.train);
    choice.eval = std::move(split.eval);
    choice.evaluatesTrainShard = !choice.eval.empty();
    return choice;
}

}
