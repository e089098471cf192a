// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace attune::planner {
namespace {

/// options: power (1), lr_end (1e-7).
double factor(std::int64_t step, const SchedulePlan& plan)
{
    if (step < plan.warmup)
        return warmupFactor(step, plan);
    const double end = plan.option("lr_end", 1e-7);
    if (step > plan.steps)
        return end / plan.baseRate;
    const double left = std::pow(1.0 - decayProgress(step, plan), plan.option("power", 1.0));
    return ((plan.baseRate - end) * left + end) / plan.baseRate;
}

}

const ScheduleKind& polynomial()
{
    static const ScheduleKind kind {"polynomial", "Polynomial", "HF Transformers optimization.py", factor};
    return kind;
}

}
