// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace attune::planner {
namespace {

double factor(std::int64_t step, const SchedulePlan& plan)
{
    return step < plan.warmup ? warmupFactor(step, plan) : std::max(0.0, 1.0 - decayProgress(step, plan));
}

}

const ScheduleKind& linear()
{
    static const ScheduleKind kind {"linear", "Linear", "HF Transformers optimization.py", factor};
    return kind;
}

}
