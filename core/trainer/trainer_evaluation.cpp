// SPDX-License-Identifier: GPL-3.0-or-later
// The trainer's evaluations and samples; see trainer.h.
#include "base/file.h"
#include "base/log.h"
#include "base/random.h"
#include "evaluator/evaluator.h"
#include "trainer/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace attune::trainer {
namespace {

constexpr std::int64_t kEvaluationTokens = 4096;  // a batch of an evaluation: no gradients, so memory stays small
constexpr std::int64_t kSampleTokens = 128;

/// At most maxRows of the rows, always the same: a seeded choice in file order, because the first rows of a
/// sorted file are no fair sample.
std::vector<std::int64_t> chooseRows(const std::vector<std::int64_t>& rows, std::int64_t maxRows, std::uint64_t seed)
{
    if (maxRows <= 0 || static_cast<std::int64_t>(rows.size()) <= maxRows)
        return rows;
    auto order = permutation(static_cast<std::int64_t>(rows.size()), seed);
    order.resize(static_cast<std::size_t>(maxRows));
    std::sort(order.begin(), order.end());
    std::vector<std::int64_t> chosen;
    for (const auto position : order)
        chosen.push_back(rows[static_cast<std::size_t>(position)]);
    return chosen;
}

/// Each class's figures and the confusion matrix of the newest evaluation, beside the run's other files.
void keepClasses(const std::string& folder, std::int64_t step, const evaluator::ClassResults& classes)
{
    Json report = evaluator::classReport(classes);
    report["step"] = step;
    if (const auto status = writeFileAtomically(folder + "/classes.json", report.dump() + "\n"); !status)
        logWarning("The figures of the classes could not be written: {}", status.error().message);
}

}

/// true when this is the best evaluation so far. A stop leaves the evaluation out.
Result<bool> Trainer::evaluate()
{
    const auto rows = chooseRows(m_task.evalRows, m_task.settings.evalMaxRows, m_task.settings.seed);
    m_sink.post(pipeline::PhaseChanged {"Evaluating", 0, static_cast<std::int64_t>(rows.size())});
    const auto measured = m_task.evalObjective ? judgeOf(*m_task.evalObjective, *m_task.model, *m_task.eval) : evaluator::Judge();
    std::int64_t tokens = kEvaluationTokens;
    const auto measure = [&] {
        const auto perBatch = std::exchange(tokens, tokens / 4);  // a second try is a smaller one
        return evaluator::totalsOver(*m_task.model, *m_task.eval, rows, perBatch, JobContext {m_context.stop, {}}, m_task.evalObjective ? &measured : nullptr);
    };
    const auto totals = withRoom(measure);
    if (!totals && totals.error().code == ErrorCode::Cancelled) {
        m_end = End::Stopped;
        return false;
    }
    if (!totals)
        return totals.error();
    pipeline::EvalDone event {m_state.step, evaluator::metricsOf(*totals, m_task.settings.metrics)};
    event.epoch = static_cast<double>(m_state.epoch) + static_cast<double>(m_state.microBatch) / static_cast<double>(m_sampler.microBatches());
    event.totalTokens = m_state.tokens;
    event.totalSeconds = elapsedSeconds();
    if (totals->classes.rows() > 0 && !m_task.folder.empty())
        keepClasses(m_task.folder, m_state.step, totals->classes);
    m_state.evalLoss = totals->lossSum / static_cast<double>(std::max<std::int64_t>(1, totals->targets));
    m_sink.post(event);
    m_sink.post(pipeline::PhaseChanged {"Training", m_state.step, m_plan.steps});
    const std::string& first = m_task.settings.metrics.empty() ? std::string("loss") : m_task.settings.metrics.front();
    const auto* metric = evaluator::findById(first);
    const double value = event.metrics.contains(first) ? event.metrics.at(first) : m_state.evalLoss;
    return judge(metric && !metric->isLowerBetter ? -value : value, value);
}

/// Compares an evaluation with the best so far: best step, early stopping, overfitting.
Result<bool> Trainer::judge(double score, double value)
{
    const bool isBest = std::isfinite(score) && (!m_state.hasEvaluation || score < m_state.best);
    m_state.worseEvaluations = isBest ? 0 : m_state.worseEvaluations + 1;
    if (isBest) {
        m_state.best = score;
        m_state.bestStep = m_state.step;
    }
    m_state.hasEvaluation = true;
    if (auto finding = m_safety.afterEvaluation(m_state.step, value, std::abs(m_state.best), m_state.bestStep))
        ATTUNE_RETURN_IF_ERROR(handle(std::move(*finding)));
    const auto patience = m_task.settings.earlyStoppingPatience;
    if (patience > 0 && m_state.worseEvaluations >= patience && m_nextStep < m_plan.steps) {
        m_sink.post(pipeline::AlertRaised {m_state.step, "info", "Training ended early",
            fmt::format("{} evaluations without improvement; the best was step {}.", m_state.worseEvaluations, m_state.bestStep),
            "The model no longer gets better on rows it does not train on.", fmt::format("Use the checkpoint of step {} where it was kept.", m_state.bestStep)});
        m_end = End::Done;
    }
    return isBest;
}

Status Trainer::sample()
{
    m_task.model->setTraining(false);
    for (const auto& prompt : m_task.samplePrompts) {
        if (prompt.ids.empty())
            continue;
        std::vector<std::int32_t> answer;
        const auto cache = m_task.model->newCache(static_cast<std::int64_t>(prompt.ids.size()) + kSampleTokens);
        at::Tensor logits = m_task.model->forward(prompt.ids, *cache);  // [V]
        while (static_cast<std::int64_t>(answer.size()) < kSampleTokens && !isStopAsked()) {
            const auto next = static_cast<std::int32_t>(logits.argmax().item<std::int64_t>());
            if (std::find(m_task.endTokens.begin(), m_task.endTokens.end(), next) != m_task.endTokens.end())
                break;
            answer.push_back(next);
            logits = m_task.model->forward(std::span(&answer.back(), 1), *cache);
        }
        m_sink.post(pipeline::SampleText {m_state.step, prompt.text, m_task.decode ? m_task.decode(answer) : std::string()});
    }
    return {};
}

}
