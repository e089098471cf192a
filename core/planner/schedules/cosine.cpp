// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace attune::planner {
namespace {

/// options: num_cycles (0.5 = one fall to the end), min_lr_rate (floor as a share of the rate).
double factor(std::int64_t step, const SchedulePlan& plan)
{
    if (step < plan.warmup)
        return warmupFactor(step, plan);
    const double cycles = plan.option("num_cycles", 0.5);
    const double floor = plan.option("min_lr_rate", plan.option("min_lr", 0.0) / plan.baseRate);
    const double wave = 0.5 * (1.0 + std::cos(std::numbers::pi * 2.0 * cycles * decayProgress(step, plan)));
    return std::max(0.0, wave * (1.0 - floor) + floor);
}

}

const ScheduleKind& cosine()
{
    static const ScheduleKind kind {"cosine", "Cosine", "Loshchilov and Hutter 2017; HF Transformers optimization.py", factor};
    return kind;
}

}
