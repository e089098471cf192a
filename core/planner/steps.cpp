// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/plan.h"

#include <algorithm>
#include <cmath>

namespace attune::planner {

StepPlan planSteps(std::int64_t microBatchesPerEpoch, std::int64_t accumulation, double epochs, std::int64_t maxSteps, double warmupRatio, std::int64_t warmupSteps)
{
    StepPlan plan;
    plan.microBatches = microBatchesPerEpoch;
    accumulation = std::max<std::int64_t>(1, accumulation);
    plan.stepsPerEpoch = std::max<std::int64_t>((microBatchesPerEpoch + accumulation - 1) / accumulation, 1);
    plan.steps = maxSteps > 0 ? maxSteps : static_cast<std::int64_t>(std::ceil(epochs * static_cast<double>(plan.stepsPerEpoch)));
    plan.warmupSteps = warmupSteps > 0 ? warmupSteps : static_cast<std::int64_t>(std::ceil(static_cast<double>(plan.steps) * warmupRatio));
    plan.epochs = static_cast<double>(plan.steps) / static_cast<double>(plan.stepsPerEpoch);
    return plan;
}

}
