// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/safety.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace attune::trainer {
namespace {

// Thresholds of ux.md §2.5.
constexpr std::size_t kSpikeWindow = 50;
constexpr double kSpikeDeviations = 8.0, kSpikeRatio = 1.5;
constexpr std::int64_t kSpikePatience = 3;
constexpr double kAverageWeight = 0.98, kDivergenceRatio = 1.5;
constexpr std::int64_t kDivergenceSteps = 100;
constexpr double kDivergenceShare = 0.05;
constexpr double kOverfittingRatio = 1.01;
constexpr std::int64_t kOverfittingPatience = 3;
constexpr double kPlateauChange = 0.001, kPlateauShare = 0.2;
constexpr double kMemorisedLoss = 0.05, kMemorisedEpochs = 2.0;
constexpr std::size_t kClippingWindow = 200;
constexpr double kClippingShare = 0.9;

double median(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

}

SafetyRules::SafetyRules(const Settings& settings, std::int64_t stepsTotal)
    : m_settings(settings)
    , m_stepsTotal(stepsTotal)
{
}

std::optional<Finding> SafetyRules::once(const std::string& rule, bool holds, SafetyAction action, pipeline::AlertRaised alert)
{
    if (!holds) {
        m_active.erase(rule);
        return std::nullopt;
    }
    if (action == SafetyAction::Off || !m_active.insert(rule).second)
        return std::nullopt;
    return Finding {std::move(alert), action};
}

std::vector<Finding> SafetyRules::afterStep(const pipeline::StepDone& step, bool wasClipped)
{
    std::vector<Finding> findings;
    const auto take = [&](std::optional<Finding> finding) {
        if (finding)
            findings.push_back(std::move(*finding));
    };
    take(spike(step));
    m_average = m_steps == 0 ? step.loss : kAverageWeight * m_average + (1 - kAverageWeight) * step.loss;
    m_lowest = m_steps == 0 ? m_average : std::min(m_lowest, m_average);
    ++m_steps;
    take(divergence(step));
    take(plateau(step));
    take(memorising(step));
    take(clipping(step, wasClipped));
    return findings;
}

std::optional<Finding> SafetyRules::spike(const pipeline::StepDone& step)
{
    bool isSpike = false;
    double middle = 0;
    if (m_recent.size() == kSpikeWindow) {
        const std::vector<double> recent(m_recent.begin(), m_recent.end());
        middle = median(recent);
        std::vector<double> deviations;
        for (const double loss : recent)
            deviations.push_back(std::abs(loss - middle));
        isSpike = step.loss > middle + kSpikeDeviations * median(deviations) && step.loss > kSpikeRatio * middle;
    }
    m_recent.push_back(step.loss);
    if (m_recent.size() > kSpikeWindow)
        m_recent.pop_front();
    m_spikes = isSpike ? m_spikes + 1 : 0;
    const auto action = m_settings.divergence == SafetyAction::Off ? SafetyAction::Off : SafetyAction::Alert;
    return once("spike", m_spikes >= kSpikePatience, action,
        {step.step, "warning", "The loss jumped", fmt::format("Loss {:.3f} at step {}, {:.3f} in the middle of the 50 steps before.", step.loss, step.step, middle),
            "The learning rate is high, or some rows are unlike the rest.", "Lower the learning rate, or look at the rows of these steps."});
}

std::optional<Finding> SafetyRules::divergence(const pipeline::StepDone& step)
{
    m_diverging = m_average > kDivergenceRatio * m_lowest ? m_diverging + 1 : 0;
    const auto patience = std::max(kDivergenceSteps, static_cast<std::int64_t>(kDivergenceShare * static_cast<double>(m_stepsTotal)));
    return once("divergence", m_diverging >= patience, m_settings.divergence,
        {step.step, "critical", "The loss is rising", fmt::format("Smoothed loss {:.3f} at step {}, up from {:.3f}, for {} steps.", m_average, step.step, m_lowest, m_diverging),
            fmt::format("The learning rate ({:g}) is too high.", step.learningRate), "Stop and use the best checkpoint, or start again with a third of the learning rate."});
}

std::optional<Finding> SafetyRules::plateau(const pipeline::StepDone& step)
{
    const bool isFlat = m_plateauFrom > 0 && std::abs(m_average - m_plateauFrom) < kPlateauChange * m_plateauFrom;
    m_plateauSteps = isFlat ? m_plateauSteps + 1 : 0;
    if (!isFlat)
        m_plateauFrom = m_average;
    const auto patience = std::max<std::int64_t>(50, static_cast<std::int64_t>(kPlateauShare * static_cast<double>(m_stepsTotal)));
    return once("plateau", m_plateauSteps >= patience, SafetyAction::Alert,
        {step.step, "info", "The loss no longer changes", fmt::format("Smoothed loss {:.3f} for {} steps.", m_average, m_plateauSteps),
            "The model has learnt what it can with these settings.", "Stop here, or raise the learning rate or the rank."});
}

std::optional<Finding> SafetyRules::memorising(const pipeline::StepDone& step)
{
    return once("memorising", m_steps >= 10 && m_average < kMemorisedLoss && step.epoch < kMemorisedEpochs, SafetyAction::Alert,
        {step.step, "warning", "The model repeats the training rows", fmt::format("Smoothed loss {:.3f} in epoch {:.2f}.", m_average, step.epoch),
            "Rows occur many times, or the answers are in the prompts.", "Look for duplicates in the dataset."});
}

std::optional<Finding> SafetyRules::clipping(const pipeline::StepDone& step, bool wasClipped)
{
    m_clipped.push_back(wasClipped);
    if (m_clipped.size() > kClippingWindow)
        m_clipped.pop_front();
    const auto count = std::count(m_clipped.begin(), m_clipped.end(), true);
    const bool holds = m_clipped.size() == kClippingWindow && static_cast<double>(count) > kClippingShare * static_cast<double>(kClippingWindow);
    return once("clipping", holds, SafetyAction::Alert,
        {step.step, "info", "Gradients are clipped nearly always", fmt::format("{} of the last 200 steps had a norm over {:g}.", count, m_settings.maxGradNorm),
            "The learning rate is high for this data.", "Lower the learning rate, or raise training.max_grad_norm."});
}

std::optional<Finding> SafetyRules::afterEvaluation(std::int64_t step, double value, double best, std::int64_t bestStep)
{
    const bool isWorse = value > best * kOverfittingRatio && m_average < m_averageAtEvaluation;
    m_worseEvaluations = isWorse ? m_worseEvaluations + 1 : 0;
    m_averageAtEvaluation = m_average;
    return once("overfitting", m_worseEvaluations >= kOverfittingPatience, m_settings.overfitting,
        {step, "warning", "The model fits the training rows better than the others",
            fmt::format("Evaluation {:.4f} at step {}, {:.4f} at its best (step {}), while the training loss falls.", value, step, best, bestStep),
            "The run goes on longer than the data carries.", fmt::format("Stop, and use step {}.", bestStep)});
}

std::optional<Finding> SafetyRules::nonFinite(std::int64_t step, double loss, double gradNorm, double learningRate, std::int64_t lastCheckpoint)
{
    const bool isLoss = !std::isfinite(loss);
    const std::string safe = lastCheckpoint > 0 ? fmt::format(" The checkpoint at step {} is good.", lastCheckpoint) : "";
    // So early the learning rate has changed little: the numbers themselves overflow.
    const bool isEarly = step <= 2;
    return once("non_finite", isLoss || !std::isfinite(gradNorm), m_settings.nonFinite,
        {step, "critical", fmt::format("{} became {} at step {}", isLoss ? "Loss" : "The gradient", std::isnan(isLoss ? loss : gradNorm) ? "NaN" : "infinite", step),
            fmt::format("Learning rate {:g}, loss {:g}, gradient norm {:g}.{}", learningRate, loss, gradNorm, safe),
            isEarly ? "The model's weights or the compute type overflow on this data." : fmt::format("The learning rate ({:g}) is too high.", learningRate),
            isEarly ? "Use model.dtype float32 or bfloat16, and check the base model." : "Resume or start again with a third of the learning rate."});
}

std::optional<Finding> SafetyRules::diskSpace(std::int64_t step, std::uint64_t freeBytes, std::uint64_t checkpointBytes)
{
    return once("disk", freeBytes < 2 * checkpointBytes, m_settings.disk,
        {step, "warning", "The disk is nearly full", fmt::format("{:.2f} GiB free; a checkpoint takes {:.2f} GiB.", static_cast<double>(freeBytes) / (1 << 30),
             static_cast<double>(checkpointBytes) / (1 << 30)),
            "Other files filled the disk, or many checkpoints are kept.", "Free space, or lower checkpoints.keep."});
}

Json SafetyRules::state() const
{
    return {{"active", m_active}, {"recent", m_recent}, {"clipped", m_clipped}, {"average", m_average}, {"lowest", m_lowest}, {"steps", m_steps},
        {"spikes", m_spikes}, {"diverging", m_diverging}, {"plateau_from", m_plateauFrom}, {"plateau_steps", m_plateauSteps},
        {"average_at_evaluation", m_averageAtEvaluation}, {"worse_evaluations", m_worseEvaluations}};
}

void SafetyRules::restore(const Json& state)
{
    m_active = state.value("active", m_active);
    m_recent = state.value("recent", m_recent);
    m_clipped = state.value("clipped", m_clipped);
    m_average = state.value("average", 0.0);
    m_lowest = state.value("lowest", 0.0);
    m_steps = state.value("steps", std::int64_t(0));
    m_spikes = state.value("spikes", std::int64_t(0));
    m_diverging = state.value("diverging", std::int64_t(0));
    m_plateauFrom = state.value("plateau_from", 0.0);
    m_plateauSteps = state.value("plateau_steps", std::int64_t(0));
    m_averageAtEvaluation = state.value("average_at_evaluation", 0.0);
    m_worseEvaluations = state.value("worse_evaluations", std::int64_t(0));
}

}
