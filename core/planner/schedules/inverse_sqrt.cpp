// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace attune::planner {
namespace {

/// options: timescale (the warm-up, or 10 000 without one).
double factor(std::int64_t step, const SchedulePlan& plan)
{
    if (step < plan.warmup)
        return warmupFactor(step, plan);
    const double timescale = plan.option("timescale", plan.warmup > 0 ? static_cast<double>(plan.warmup) : 10000.0);
    const double shift = timescale - static_cast<double>(plan.warmup);
    return 1.0 / std::sqrt((static_cast<double>(step) + shift) / timescale);
}

}

const ScheduleKind& inverse_sqrt()
{
    static const ScheduleKind kind {"inverse_sqrt", "Inverse square root", "Vaswani et al. 2017; HF Transformers optimization.py", factor};
    return kind;
}

}
