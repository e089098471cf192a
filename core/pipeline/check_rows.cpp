// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/check_rows.h"

#include "base/file.h"
#include "base/hash.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/objective.h"
#include "pipeline/packing.h"

#include <numeric>
#include <unordered_set>

namespace attune::pipeline {
namespace {

constexpr std::int64_t kExactRows = 100'000;  // up to here all rows are tokenised, and the cache keeps them for the run
constexpr std::int64_t kSampledRows = 2000;
constexpr int kEndsLookedAt = 50;

struct Datasets {
    importer::DatasetPtr train, eval;
};

/// data.eval, else the dataset's own eval split, whose rows are then not trained on (recipe.md).
Result<Datasets> openDatasets(store::Store& store, const Recipe& recipe, const JobContext& context)
{
    const std::string name = recipe.text("data.train");
    Datasets data;
    ATTUNE_TRY(data.train, openDataset(store, name, context));
    const std::string eval = recipe.text("data.eval");
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

std::string hashKey(std::span<const std::int32_t> ids)
{
    return hash128({reinterpret_cast<const char*>(ids.data()), ids.size_bytes()}).hex();
}

}

Result<CheckedRows> checkRows(store::Store& store, const Recipe& recipe, const families::ModelSource& model, const JobContext& context)
{
    CheckedRows rows;
    ATTUNE_TRY(auto data, openDatasets(store, recipe, context));
    rows.train = std::move(data.train);
    rows.eval = std::move(data.eval);
    tokenizer::TokenizeJob job;
    ATTUNE_TRY(rows.tokenizer, tokenizer::loadTokenizer(model.path));
    job.tokenizer = rows.tokenizer;
    ATTUNE_TRY(job.tokenizerHash, tokenizer::hashOfTokenizer(model.path));
    ATTUNE_TRY(rows.options, renderOptions(recipe, model, *rows.train, context));
    job.options = rows.options;
    if (usesTemplate(rows.options.shape, *rows.train)) {
        ATTUNE_TRY(auto chat, tokenizer::loadChatTemplate(recipe.text("data.template"), model.path, *rows.tokenizer, recipe.text("data.template_date")));
        if (chat)
            rows.chat = std::make_unique<tokenizer::ChatTemplate>(std::move(*chat));
    }
    job.chat = rows.chat.get();
    job.cacheFolder = store.folder("cache/tokens");
    job.dataset = rows.train;
    const std::int64_t all = rows.train->rows();
    rows.isExact = all <= kExactRows;
    for (std::int64_t i = 0; !rows.isExact && i < kSampledRows; ++i)
        job.rows.push_back(i * all / kSampledRows);
    ATTUNE_TRY(rows.tokens, tokenizer::tokenizeDataset(job, context));
    if (rows.eval && rows.eval->rows() <= kExactRows) {
        job.dataset = rows.eval;
        job.rows.clear();
        auto tokens = tokenizer::tokenizeDataset(job, context);
        if (!tokens)  // rows that the recipe names apart are said to be those
            return recipe.text("data.eval").empty() ? tokens.error() : tokens.error().in("data.eval");
        rows.evalTokens = std::move(*tokens);
    }
    const double fraction = recipe.number("data.eval_fraction");
    if (!rows.eval && fraction > 0) {
        rows.split = planner::splitEvaluation(rows.tokens.shard, fraction, static_cast<std::uint64_t>(recipe.integer("seed")));
        return rows;
    }
    rows.split.train.resize(static_cast<std::size_t>(rows.tokens.shard.rows()));
    std::iota(rows.split.train.begin(), rows.split.train.end(), 0);
    return rows;
}

planner::BatchOptions batchOptions(const Recipe& recipe)
{
    return {packsRows(recipe), recipe.boolean("training.shuffle"), recipe.integer("training.batch_size"), recipe.integer("data.max_length")};
}

std::int64_t overlapOf(const CheckedRows& rows)
{
    if (!rows.evalTokens)
        return 0;
    std::unordered_set<std::string> trained;
    for (std::int64_t row = 0; row < rows.tokens.shard.rows(); ++row)
        trained.insert(hashKey(rows.tokens.shard.row(row).ids));
    std::int64_t both = 0;
    for (std::int64_t row = 0; row < rows.evalTokens->shard.rows(); ++row)
        both += trained.contains(hashKey(rows.evalTokens->shard.row(row).ids));
    return both;
}

EndTokens endTokensOf(const CheckedRows& rows)
{
    EndTokens result;
    const auto ends = rows.tokenizer->endOfGeneration();
    for (std::int64_t index = 0; index < rows.tokens.shard.rows() && result.looked < kEndsLookedAt; ++index) {
        const auto row = rows.tokens.shard.row(index);
        std::size_t last = row.ids.size();
        while (last > 0 && !row.trained[last - 1])
            --last;
        // A row as long as the context may have been cut.
        if (last == 0 || static_cast<std::int64_t>(row.ids.size()) >= rows.options.maxLength)
            continue;
        ++result.looked;
        result.ended += std::find(ends.begin(), ends.end(), row.ids[last - 1]) != ends.end();
    }
    return result;
}

}
