// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace attune::planner {
namespace {

/// options: num_cycles (whole falls, 1).
double factor(std::int64_t step, const SchedulePlan& plan)
{
    if (step < plan.warmup)
        return warmupFactor(step, plan);
    const double progress = decayProgress(step, plan);
    if (progress >= 1.0)
        return 0.0;
    const double phase = std::fmod(plan.option("num_cycles", 1.0) * progress, 1.0);
    return std::max(0.0, 0.5 * (1.0 + std::cos(std::numbers::pi * phase)));
}

}

const ScheduleKind& cosine_with_restarts()
{
    static const ScheduleKind kind {"cosine_with_restarts", "Cosine with restarts", "Loshchilov and Hutter 2017; HF Transformers optimization.py", factor};
    return kind;
}

}
