// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/causal_lm.h"

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace attune::trainer {

struct OptimizerOptions {
    double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
    double weightDecay = 0.0;
};

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// Changes the masters of a model's parameters by their gradients. Training thread only.
class Optimizer
{
public:
    virtual ~Optimizer() = default;
    /// One update; the gradients may be used up by it. foundInf: float32 scalar on the parameters' device; 1 leaves everything as it is
    /// (the gradients hold NaN or infinity), without the host having to know.
    virtual void step(double learningRate, const at::Tensor& foundInf) = 0;
    /// The next step() multiplies the gradients by this factor (clipping). false: it cannot.
    virtual bool scaleGradients(double) { return false; }
    /// All that a resume needs, as the live tensors: copy them to save, copy into them to restore.
    virtual NamedTensors state() = 0;
    /// The number of steps done before the next one; to be set before it.
    void setStep(std::int64_t step) { m_step = step; }

protected:
    /// Parameters that begin to train later (gradual unfreezing) are left as they are until then.
    bool isWaiting(std::int64_t firstStep) const { return firstStep > m_step; }
    std::int64_t stepsDone() const { return m_step; }

private:
    std::int64_t m_step = 0;
};

/// How an optimizer acts, a file of optimizers/; core/planner/optimizers has one of the same stem with its words and costs.
struct OptimizerKind {
    std::string id;  ///< recipe: training.optimizer
    std::unique_ptr<Optimizer> (*make)(const std::vector<model::Parameter*>& parameters, const OptimizerOptions& options) = nullptr;
};

/// All optimizers, sorted by id; generated from optimizers/*.cpp.
std::span<const OptimizerKind* const> optimizers();
const OptimizerKind* findOptimizer(std::string_view id);

/// Parameters that share weight decay, learning rate and first step: one fused call each.
struct ParameterGroup {
    double weightDecay = 0.0;
    double learningRateScale = 1.0;
    std::int64_t firstStep = 0;
    std::vector<std::string> names {};
    std::vector<at::Tensor> values {}, gradients {};
    std::vector<model::Parameter*> parameters {};
};
std::vector<ParameterGroup> groupParameters(const std::vector<model::Parameter*>& parameters, double weightDecay);
/// Whether the host knows at no cost that this step's gradients are not finite.
bool isKnownBad(const at::Tensor& foundInf);
/// On a card: sets a gradient to 0 where foundInf is 1, without waiting for it. For optimizers of several ATen calls, which
/// cannot leave a value out by themselves.
void dropIfBad(const at::Tensor& gradient, const at::Tensor& foundInf);
/// Sets the gradients of parameters that do not train yet to 0, so that the norm is that of the others.
void holdBack(const std::vector<model::Parameter*>& parameters, std::int64_t step);

}
