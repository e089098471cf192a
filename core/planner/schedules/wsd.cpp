// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace attune::planner {
namespace {

/// options: decay_ratio (share of all steps that decay, 0.1) or num_decay_steps, min_lr_ratio (0), num_cycles (0.5).
double factor(std::int64_t step, const SchedulePlan& plan)
{
    const double floor = plan.option("min_lr_ratio", 0.0);
    if (step < plan.warmup)
        return warmupFactor(step, plan) * (1.0 - floor) + floor;
    const double total = static_cast<double>(plan.steps);
    const double decay = std::floor(plan.option("num_decay_steps", std::ceil(total * plan.option("decay_ratio", 0.1))));
    const double stable = std::max(0.0, total - static_cast<double>(plan.warmup) - decay);
    const double behind = static_cast<double>(step - plan.warmup) - stable;
    if (behind < 0)
        return 1.0;
    if (behind >= decay)
        return floor;
    const double progress = behind / std::max(1.0, decay);
    const double wave = 0.5 * (1.0 + std::cos(std::numbers::pi * 2.0 * plan.option("num_cycles", 0.5) * progress));
    return std::max(0.0, wave * (1.0 - floor) + floor);
}

}

const ScheduleKind& wsd()
{
    static const ScheduleKind kind {"wsd", "Warm-up, stable, decay", "Hu et al. 2024 (MiniCPM); HF Transformers optimization.py, warmup_stable_decay", factor};
    return kind;
}

}
