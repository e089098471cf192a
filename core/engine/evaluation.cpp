// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answers.h"
#include "engine/load.h"
#include "engine/threads.h"
#include "engine/training.h"
#include "evaluator/evaluator.h"
#include "importer/roles.h"
#include "pipeline/objective.h"
#include "tokenizer/chat_template.h"
#include "tokenizer/tokenize_dataset.h"
#include "tokenizer/tokenizer.h"
#include "trainer/objective.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
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

/// What is measured: the model's own objective, as its head and the dataset's roles tell.
struct Plan {
    const trainer::ObjectiveKind* objective = nullptr;  ///< null: next-token prediction and generated answers
    trainer::ObjectiveOptions options;
    tokenizer::RowShape shape = tokenizer::RowShape::Answers;
    tokenizer::LabelKind labelKind = tokenizer::LabelKind::Class;
};

std::string objectiveOf(const pipeline::EvalRequest& request, const families::TaskHead& head, const std::set<evaluator::MetricInput>& inputs)
{
    const bool hasPairs = importer::columnOf(request.data->columns(), importer::ColumnRole::Rejected) >= 0;
    if (head.kind == families::TaskHead::Kind::Tokens)
        return "token_classification";
    if (head.isThere())
        return head.problemType != "regression" ? "classification" : hasPairs ? "reward" : "regression";
    if (request.model.model.spec.kind == families::Architecture::Encoder)
        return "mlm";
    return inputs.contains(evaluator::MetricInput::Rewards) ? "dpo" : "sft";
}

Result<Plan> planFor(const pipeline::EvalRequest& request, const std::set<evaluator::MetricInput>& inputs)
{
    if (inputs.empty())
        return fail(ErrorCode::Usage, "--metrics names no metric.", "The default is loss.");
    ATTUNE_TRY(const auto head, headOf(request.model));
    const auto* rules = pipeline::findObjective(objectiveOf(request, head, inputs));
    Plan plan;
    const bool isPair = request.model.model.spec.kind == families::Architecture::EncoderDecoder;
    plan.shape = isPair && rules->id == "sft" ? tokenizer::RowShape::SourceTarget : rules->shape;
    const bool isText = rules->id == "sft";
    for (const auto& name : request.metrics) {
        const auto input = evaluator::findById(name)->input;
        const bool isGenerated = isText && (input == evaluator::MetricInput::Texts || input == evaluator::MetricInput::Classes);
        if (!isGenerated && std::find(rules->metrics.begin(), rules->metrics.end(), name) == rules->metrics.end())
            return fail(ErrorCode::Usage, fmt::format("--metrics {} cannot be measured on {} with {}.", name, request.model.model.name, request.data->name()),
                isText ? "Choose loss, perplexity, accuracy, f1, exact_match, bleu, chrf or rouge." : fmt::format("Possible are: {}.", fmt::join(rules->metrics, ", ")));
    }
    if (isText)
        return plan;
    if (!rules->fits(*request.data))
        return fail(ErrorCode::RoleMissing, fmt::format("{} needs {}, which {} does not have.", request.model.model.name, rules->dataNeed, request.data->name()), "Map the columns: `data import --map`.");
    plan.objective = trainer::findObjective(rules->id);
    plan.options.isMultiLabel = head.problemType == "multi_label_classification";
    if (rules->id == "classification" || rules->id == "token_classification")
        plan.options.labels = head.labels;
    plan.labelKind = rules->id == "regression" ? tokenizer::LabelKind::Number : plan.options.isMultiLabel ? tokenizer::LabelKind::Flags : tokenizer::LabelKind::Class;
    plan.options.vocabSize = static_cast<std::int32_t>(request.model.model.spec.vocabSize);
    return plan;
}

/// What turns the rows into tokens.
struct Reader {
    std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
    std::optional<tokenizer::ChatTemplate> chat;

    const tokenizer::ChatTemplate* chatOrNull() const { return chat ? &*chat : nullptr; }
};

Result<Reader> readerFor(const pipeline::EvalRequest& request, tokenizer::RowShape shape)
{
    Reader reader;
    ATTUNE_TRY(reader.tokenizer, tokenizer::loadTokenizer(request.model.model.path));
    if (!pipeline::usesTemplate(shape, *request.data))
        return reader;
    ATTUNE_TRY(reader.chat, tokenizer::loadChatTemplate(request.templateName, request.model.model.path, *reader.tokenizer));
    return reader;
}

Result<tokenizer::TokenizedDataset> tokenizeFor(const pipeline::EvalRequest& request, const Plan& plan, const Reader& reader, const JobContext& context)
{
    tokenizer::TokenizeJob job;
    job.dataset = request.data;
    job.tokenizer = reader.tokenizer;
    ATTUNE_TRY(job.tokenizerHash, tokenizer::hashOfTokenizer(request.model.model.path));
    job.chat = reader.chatOrNull();
    if (!tokenizer::trainOnFromName(request.trainOn, job.options.trainOn))
        return fail(ErrorCode::Usage, fmt::format("--train-on {} is unknown.", request.trainOn), "There are: completion, assistant, all.");
    const auto& spec = request.model.model.spec;
    job.options.maxLength = spec.learnedPositions ? std::min(request.maxLength, spec.contextLength) : request.maxLength;
    job.options.shape = plan.shape;
    job.options.labels = plan.options.labels;
    job.options.labelKind = plan.labelKind;
    job.options.decoderStart = static_cast<std::int32_t>(spec.decoderStart);
    job.cacheFolder = request.cacheFolder;
    if (request.limit > 0 && request.limit < request.data->rows()) {
        job.rows.resize(static_cast<std::size_t>(request.limit));
        std::iota(job.rows.begin(), job.rows.end(), 0);
    }
    return tokenizer::tokenizeDataset(job, context);
}

/// The objective's numbers, or the loss, over all rows.
Result<evaluator::Totals> totalsOf(model::CausalLm& model, const Plan& plan, const tokenizer::TokenShard& shard, const JobContext& context)
{
    std::vector<std::int64_t> rows(static_cast<std::size_t>(shard.rows()));
    std::iota(rows.begin(), rows.end(), 0);
    if (!plan.objective)
        return evaluator::totalsOver(model, shard, rows, kEvaluationTokens, context);
    const auto objective = plan.objective->make(plan.options);
    objective->prepare(shard, rows);
    const auto judge = trainer::judgeOf(*objective, model, shard);
    return evaluator::totalsOver(model, shard, rows, kEvaluationTokens, context, &judge);
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
    ATTUNE_TRY(auto plan, planFor(request, inputs));
    ATTUNE_TRY(const auto reader, readerFor(request, plan.shape));
    for (const char* name : {"[MASK]", "<mask>"})
        plan.options.maskToken = std::max(plan.options.maskToken, reader.tokenizer->idOf(name));
    std::optional<tokenizer::TokenizedDataset> data;
    if (plan.objective || inputs.contains(evaluator::MetricInput::Loss)) {
        ATTUNE_TRY(data, tokenizeFor(request, plan, reader, context));
    }
    useThreads(request.model.threads);
    ATTUNE_TRY(const auto model, loadForUse(request.model, context, plan.objective != nullptr));
    evaluator::Totals totals;
    if (data) {
        ATTUNE_TRY(totals, totalsOf(*model, plan, data->shard, context));
    }
    pipeline::EvalReport report;
    const bool wantsClasses = inputs.contains(evaluator::MetricInput::Classes);
    if (plan.objective && wantsClasses)
        report.details.update(evaluator::classReport(totals.classes));
    if (!plan.objective && (wantsClasses || inputs.contains(evaluator::MetricInput::Texts))) {
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
