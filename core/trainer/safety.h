// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/events.h"
#include "trainer/settings.h"

#include <deque>
#include <optional>
#include <set>
#include <string>

namespace attune::trainer {

/// A rule that fired: what to say and what to do.
struct Finding {
    pipeline::AlertRaised alert;
    SafetyAction action = SafetyAction::Alert;
};

/// The rules of ux.md §2.5 over the numbers of a run. Each speaks once until what it saw is over.
/// Training thread only; its memory is part of a checkpoint.
class SafetyRules
{
public:
    SafetyRules(const Settings& settings, std::int64_t stepsTotal);

    /// Call after each step with its numbers; wasClipped: the norm was over max_grad_norm.
    std::vector<Finding> afterStep(const pipeline::StepDone& step, bool wasClipped);
    /// Call after each evaluation with the first metric (lower is better) and the step of the best so far.
    std::optional<Finding> afterEvaluation(std::int64_t step, double value, double best, std::int64_t bestStep);
    /// Loss or gradient norm is NaN or infinite.
    std::optional<Finding> nonFinite(std::int64_t step, double loss, double gradNorm, double learningRate, std::int64_t lastCheckpoint);
    /// Before a checkpoint: room for two of them is wanted.
    std::optional<Finding> diskSpace(std::int64_t step, std::uint64_t freeBytes, std::uint64_t checkpointBytes);

    Json state() const;
    void restore(const Json& state);

private:
    /// An alert the first time a condition holds, nothing while it goes on; armed again when it ends.
    std::optional<Finding> once(const std::string& rule, bool holds, SafetyAction action, pipeline::AlertRaised alert);
    std::optional<Finding> spike(const pipeline::StepDone& step);
    std::optional<Finding> divergence(const pipeline::StepDone& step);
    std::optional<Finding> plateau(const pipeline::StepDone& step);
    std::optional<Finding> memorising(const pipeline::StepDone& step);
    std::optional<Finding> clipping(const pipeline::StepDone& step, bool wasClipped);

    Settings m_settings;
    std::int64_t m_stepsTotal = 0;
    std::set<std::string> m_active;     ///< rules that have spoken and whose condition still holds
    std::deque<double> m_recent;        ///< the last 50 losses
    std::deque<bool> m_clipped;         ///< the last 200 steps
    double m_average = 0;               ///< exponential moving average of the loss, 0.98
    double m_lowest = 0;                ///< of the average
    std::int64_t m_steps = 0;           ///< seen
    std::int64_t m_spikes = 0;          ///< in a row
    std::int64_t m_diverging = 0;       ///< steps in a row
    double m_plateauFrom = 0;           ///< average when the plateau began
    std::int64_t m_plateauSteps = 0;
    double m_averageAtEvaluation = 0;
    std::int64_t m_worseEvaluations = 0;  ///< in a row
};

}
