// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/threads.h"
#include "engine/training.h"
#include "evaluator/evaluator.h"
#include "tokenizer/chat_template.h"
#include "tokenizer/tokenize_dataset.h"
#include "tokenizer/tokenizer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <numeric>

namespace attune::engine {
namespace {

constexpr std::int64_t kEvaluationTokens = 4096;  // a batch: no gradients, so memory stays small

Status checkMetrics(const std::vector<std::string>& names)
{
    std::vector<std::string> known;
    for (const auto* metric : evaluator::all())
        known.push_back(metric->id);
    for (const auto& name : names)
        if (!evaluator::findById(name))
            return fail(ErrorCode::Usage, fmt::format("\"{}\" is no metric of this version.", name), fmt::format("There are: {}.", fmt::join(known, ", ")));
    return {};
}

Result<tokenizer::TokenizedDataset> tokenizeFor(const pipeline::EvalRequest& request, const JobContext& context)
{
    const std::string& path = request.model.model.path;
    tokenizer::TokenizeJob job;
    job.dataset = request.data;
    ATTUNE_TRY(job.tokenizer, tokenizer::loadTokenizer(path));
    ATTUNE_TRY(job.tokenizerHash, tokenizer::hashOfTokenizer(path));
    ATTUNE_TRY(const auto chat, tokenizer::loadChatTemplate(request.templateName, path, *job.tokenizer));
    job.chat = chat ? &*chat : nullptr;
    if (!tokenizer::trainOnFromName(request.trainOn, job.options.trainOn))
        return fail(ErrorCode::Usage, fmt::format("--train-on {} is unknown.", request.trainOn), "There are: completion, assistant, all.");
    job.options.maxLength = request.maxLength;
    job.cacheFolder = request.cacheFolder;
    if (request.limit > 0 && request.limit < request.data->rows()) {
        job.rows.resize(static_cast<std::size_t>(request.limit));
        std::iota(job.rows.begin(), job.rows.end(), 0);
    }
    return tokenizer::tokenizeDataset(job, context);
}

}

Result<pipeline::EvalReport> evaluateModel(const pipeline::EvalRequest& request, const JobContext& context)
{
    const auto began = std::chrono::steady_clock::now();
    ATTUNE_RETURN_IF_ERROR(checkMetrics(request.metrics));
    ATTUNE_TRY(const auto data, tokenizeFor(request, context));
    useThreads(request.model.threads);
    const bool needsNetwork = !request.model.adapter.empty() && model::adapterNeedsNetwork(request.model.adapter, request.model.model);
    ATTUNE_TRY(const auto model, model::loadModel(request.model.model, {request.model.dtype, request.model.device, false, false, needsNetwork}, context));
    if (!request.model.adapter.empty()) {
        ATTUNE_RETURN_IF_ERROR(model::loadAdapter(*model, request.model.adapter, false));
        model->setAdapterScale(request.model.adapterScale);
    }
    std::vector<std::int64_t> rows(static_cast<std::size_t>(data.shard.rows()));
    std::iota(rows.begin(), rows.end(), 0);
    ATTUNE_TRY(const auto totals, evaluator::totalsOver(*model, data.shard, rows, kEvaluationTokens, context));
    pipeline::EvalReport report;
    report.metrics = evaluator::metricsOf(totals, request.metrics);
    report.rows = totals.rows;
    report.tokens = totals.tokens;
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return report;
}

}
