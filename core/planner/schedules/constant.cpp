// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace attune::planner {
namespace {

double factor(std::int64_t step, const SchedulePlan& plan)
{
    return step < plan.warmup ? warmupFactor(step, plan) : 1.0;
}

}

const ScheduleKind& constant()
{
    static const ScheduleKind kind {"constant", "Constant", "HF Transformers optimization.py, constant_with_warmup", factor};
    return kind;
}

}
