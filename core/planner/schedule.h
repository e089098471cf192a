// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

#include <cstdint>
#include <span>
#include <string>

namespace attune::planner {

/// What a schedule knows about the run. options: training.lr_scheduler_kwargs.
struct SchedulePlan {
    std::int64_t steps = 1;    ///< T: optimizer steps of the whole run
    std::int64_t warmup = 0;   ///< w: steps with a rising rate
    double baseRate = 1e-4;
    Json options = Json::object();

    /// A number of the options, or the default of the reference.
    double option(const char* name, double byDefault) const;
};

/// One learning-rate schedule: λ(k) of HF Transformers (optimization.py; formats.md §6.2). The update of
/// step k (from 0) uses baseRate · λ(k); under warm-up the first is 0.
struct ScheduleKind {
    std::string id;
    std::string displayName;
    std::string reference;
    double (*factor)(std::int64_t step, const SchedulePlan& plan) = nullptr;
};

/// All schedules, sorted by id; generated from schedules/*.cpp.
std::span<const ScheduleKind* const> schedules();
const ScheduleKind* findSchedule(std::string_view id);

/// k / w while k < w.
double warmupFactor(std::int64_t step, const SchedulePlan& plan);
/// (k - w) / max(1, T - w): how much of the way after the warm-up is done.
double decayProgress(std::int64_t step, const SchedulePlan& plan);

}
