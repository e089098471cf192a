// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answers.h"
#include "engine/load.h"
#include "engine/threads.h"
#include "engine/training.h"
#include "evaluator/evaluator.h"
#include "tokenizer/chat_template.h"
#include "tokenizer/tokenize_dataset.h"
#include "tokenizer/tokenizer.h"

#include <fmt/format.h>

#include <chrono>
#include <numeric>
#include <optional>
#include <set>

namespace attune::engine {
namespace {

constexpr std::size_t kNamedRows = 10;
constexpr std::size_t kReportedClasses = 1000;  // free texts are no classes; a matrix of them helps nobody
constexpr std::int64_t kEvaluationTokens = 4096;  // a batch: no gradients, so memory stays small

/// Which kinds of input the chosen metrics read.
std::set<evaluator::MetricInput> inputsOf(const std::vector<std::string>& names)
{
    std::set<evaluator::MetricInput> inputs;
    for (const auto& name : names)
        inputs.insert(evaluator::findById(name)->input);
    return inputs;
}

/// Numbers and rewards come from a head that a model of language does not have.
Status checkInputs(const std::set<evaluator::MetricInput>& inputs, const pipeline::EvalRequest& request)
{
    for (const auto& name : request.metrics) {
        const auto input = evaluator::findById(name)->input;
        if (input == evaluator::MetricInput::Numbers || input == evaluator::MetricInput::Rewards)
            return fail(ErrorCode::Usage, fmt::format("--metrics {} needs a model with a head for it; {} writes text.", name, request.model.model.name),
                "Choose loss, perplexity, accuracy, f1, exact_match, bleu, chrf or rouge.");
    }
    return inputs.empty() ? fail(ErrorCode::Usage, "--metrics names no metric.", "The default is loss.") : Status();
}

/// What turns the rows into tokens.
struct Reader {
    std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
    std::optional<tokenizer::ChatTemplate> chat;

    const tokenizer::ChatTemplate* chatOrNull() const { return chat ? &*chat : nullptr; }
};

Result<Reader> readerFor(const pipeline::EvalRequest& request)
{
    Reader reader;
    ATTUNE_TRY(reader.tokenizer, tokenizer::loadTokenizer(request.model.model.path));
    ATTUNE_TRY(reader.chat, tokenizer::loadChatTemplate(request.templateName, request.model.model.path, *reader.tokenizer));
    return reader;
}

Result<tokenizer::TokenizedDataset> tokenizeFor(const pipeline::EvalRequest& request, const Reader& reader, const JobContext& context)
{
    tokenizer::TokenizeJob job;
    job.dataset = request.data;
    job.tokenizer = reader.tokenizer;
    ATTUNE_TRY(job.tokenizerHash, tokenizer::hashOfTokenizer(request.model.model.path));
    job.chat = reader.chatOrNull();
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

/// Loss over all rows.
Result<evaluator::Totals> lossOver(model::CausalLm& model, const tokenizer::TokenShard& shard, const JobContext& context)
{
    std::vector<std::int64_t> rows(static_cast<std::size_t>(shard.rows()));
    std::iota(rows.begin(), rows.end(), 0);
    return evaluator::totalsOver(model, shard, rows, kEvaluationTokens, context);
}

/// Answers as texts, and as classes where a metric wants those: equal texts are one class.
Status addAnswers(evaluator::Totals& totals, pipeline::EvalReport& report, Answers answers, bool wantsClasses)
{
    totals.texts = std::move(answers.texts);
    totals.rows = std::max(totals.rows, static_cast<std::int64_t>(totals.texts.size()));
    totals.tokens += answers.tokens;
    if (!answers.skipped.empty()) {
        report.details["skipped"] = Json::array();
        for (const auto& [row, why] : answers.skipped)
            if (report.details["skipped"].size() < kNamedRows)
                report.details["skipped"].push_back({{"row", row}, {"message", why}});
    }
    if (!wantsClasses)
        return {};
    std::vector<std::string> predicted, actual;
    for (const auto& pair : totals.texts) {
        predicted.emplace_back(evaluator::stripped(pair.prediction));
        actual.emplace_back(evaluator::stripped(pair.reference));
    }
    totals.classes = evaluator::classesOfTexts(predicted, actual);
    if (totals.classes.labels.size() <= kReportedClasses)
        report.details.update(evaluator::classReport(totals.classes));
    return {};
}

}

Result<pipeline::EvalReport> evaluateModel(const pipeline::EvalRequest& request, const JobContext& context)
{
    const auto began = std::chrono::steady_clock::now();
    ATTUNE_RETURN_IF_ERROR(evaluator::checkNames(request.metrics));
    const auto inputs = inputsOf(request.metrics);
    ATTUNE_RETURN_IF_ERROR(checkInputs(inputs, request));
    ATTUNE_TRY(const auto reader, readerFor(request));
    std::optional<tokenizer::TokenizedDataset> data;
    if (inputs.contains(evaluator::MetricInput::Loss)) {
        ATTUNE_TRY(data, tokenizeFor(request, reader, context));
    }
    useThreads(request.model.threads);
    ATTUNE_TRY(const auto model, loadForUse(request.model, context));
    evaluator::Totals totals;
    if (data) {
        ATTUNE_TRY(totals, lossOver(*model, data->shard, context));
    }
    pipeline::EvalReport report;
    const bool wantsClasses = inputs.contains(evaluator::MetricInput::Classes);
    if (wantsClasses || inputs.contains(evaluator::MetricInput::Texts)) {
        ATTUNE_TRY(auto answers, answerRows(*model, *reader.tokenizer, reader.chatOrNull(), request, context));
        ATTUNE_RETURN_IF_ERROR(addAnswers(totals, report, std::move(answers), wantsClasses));
    }
    report.metrics = evaluator::metricsOf(totals, request.metrics);
    report.rows = totals.rows;
    report.tokens = totals.tokens;
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return report;
}

}
